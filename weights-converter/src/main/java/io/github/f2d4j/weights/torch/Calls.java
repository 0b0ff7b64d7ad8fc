package io.github.f2d4j.weights.torch;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.weights.torch.Pickled.Bytes;
import io.github.f2d4j.weights.torch.Pickled.Dict;
import io.github.f2d4j.weights.torch.Pickled.None;
import io.github.f2d4j.weights.torch.Pickled.Sequence;
import io.github.f2d4j.weights.torch.Pickled.Tuple;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Plays the calls that a pickle asks for, where the {@link Global} has a role that can be played.
 * None of them does more than arrange the values it is given.
 */
final class Calls {
  private static final Pattern KEY = Pattern.compile("\\w{1,64}");

  private final Faults faults;
  private final PickleBudget budget;
  private final Set<StorageRef> storages = new LinkedHashSet<>();
  private final Set<String> globals = new LinkedHashSet<>();

  Calls(Faults faults, PickleBudget budget) {
    this.faults = faults;
    this.budget = budget;
  }

  /** Every storage that the pickle has named. */
  Set<StorageRef> storages() {
    return storages;
  }

  /** Every global that the pickle has named. */
  Set<String> globals() {
    return globals;
  }

  Global global(String module, String name) throws TorchFormatException {
    Global global = Global.of(faults, module, name);
    globals.add(global.toString());
    budget.charge(6L * PickleBudget.OBJECT + 3L * (module.length() + name.length()));
    return global;
  }

  /** A persistent id: {@code ('storage', type, key, location, elements[, view])}. */
  StorageRef storage(Object id) throws TorchFormatException {
    if (!(id instanceof Tuple tuple) || tuple.items.size() < 5 || tuple.items.size() > 6) {
      throw badStorage(Pickled.kind(id));
    }
    List<Object> items = tuple.items;
    if (items.getFirst().equals("module")) {
      throw faults.unsafe(
          "a checkpoint must hold tensors and plain values", "a whole module", "its state dict");
    }
    if (!items.getFirst().equals("storage")
        || !(items.get(1) instanceof Global global && global.role() == Global.Role.STORAGE)) {
      throw badStorage("first " + Pickled.kind(items.get(0)) + ", " + Pickled.kind(items.get(1)));
    }
    StorageType type = StorageType.ofClass(global.name());
    if (type == null || !(items.get(2) instanceof String key) || !KEY.matcher(key).matches()) {
      throw faults.damaged(
          "the key of a storage must be a plain name",
          items.get(2) instanceof String s ? quote(s) : Pickled.kind(items.get(2)),
          "letters and digits");
    }
    if (!(items.get(4) instanceof Long elements) || elements < 0) {
      throw badStorage("the number of elements " + number(items.get(4)));
    }
    StorageRef storage = view(key, type, elements, items.size() == 6 ? items.get(5) : None.NONE);
    if (storage.bytes() < 0) {
      throw badStorage(elements + " elements of " + type);
    }
    budget.charge(6L * PickleBudget.OBJECT);
    storages.add(storage);
    return storage;
  }

  /**
   * Files of early versions have storages that are parts of others: {@code (key, offset, size)}.
   */
  private StorageRef view(String key, StorageType type, long elements, Object view)
      throws TorchFormatException {
    if (view == None.NONE) {
      return new StorageRef(key, type, elements, 0, elements);
    }
    if (view instanceof Tuple part
        && part.items.size() == 3
        && part.items.get(1) instanceof Long offset
        && part.items.get(2) instanceof Long size
        && offset >= 0
        && size >= 0
        && offset <= elements
        && size <= elements - offset) {
      return new StorageRef(key, type, elements, offset, size);
    }
    throw badStorage("a part that does not lie within it");
  }

  /** Opcode REDUCE: {@code callable(*arguments)}. */
  Object reduce(Object callable, Object arguments) throws TorchFormatException {
    if (!(callable instanceof Global global)) {
      throw faults.unsafe("only a name can be called", Pickled.kind(callable), "a name");
    }
    if (!(arguments instanceof Tuple tuple)) {
      throw wrong(global, Pickled.kind(arguments));
    }
    return call(global, tuple.items);
  }

  /** Opcodes NEWOBJ and OBJ: {@code cls.__new__(cls, *arguments)}. */
  Object newObject(Object cls, Object arguments) throws TorchFormatException {
    if (cls instanceof Global global
        && global.role() == Global.Role.ATTRIBUTES
        && arguments instanceof Tuple tuple
        && tuple.items.isEmpty()) {
      return new Dict(true);
    }
    return reduce(cls, arguments);
  }

  private Object call(Global global, List<Object> args) throws TorchFormatException {
    budget.charge(PickleBudget.OBJECT);
    return switch (global.role()) {
      case ORDERED_DICT -> dict(global, args);
      case COUNTER -> counter(global, args);
      case SET -> set(global, args);
      case REBUILD_TENSOR -> tensor(global, args, false);
      case REBUILD_TENSOR_V3 -> tensor(global, args, true);
      case REBUILD_PARAMETER -> argument(global, args, 0, TensorView.class);
      case REBUILD_FROM_TYPE -> fromType(global, args);
      case SIZE -> argument(global, args, 0, Tuple.class);
      case DEVICE -> device(global, args);
      case BYTES -> bytes(global, args);
      case NUMPY_DTYPE -> new NumpyType(argument(global, args, 0, String.class));
      case NUMPY_SCALAR -> scalar(global, args);
      case ATTRIBUTES, STORAGE, DTYPE, INERT ->
          throw faults.unsafe(
              "the pickle calls something that a checkpoint need not call",
              global + " with " + args.size() + " arguments",
              "only tensors, storages and plain values");
    };
  }

  /** Empty, or from a list of pairs as Python 2 wrote it. */
  private Dict dict(Global global, List<Object> args) throws TorchFormatException {
    Dict dict = new Dict(false);
    if (!args.isEmpty()) {
      for (Object pair : argument(global, args, 0, Sequence.class).items) {
        List<Object> items =
            pair instanceof Tuple t
                ? t.items
                : pair instanceof Sequence s ? s.items : List.<Object>of();
        if (items.size() != 2) {
          throw wrong(global, Pickled.kind(pair) + " instead of a pair");
        }
        put(dict, items.get(0), items.get(1));
      }
    }
    return dict;
  }

  private Dict counter(Global global, List<Object> args) throws TorchFormatException {
    Dict dict = new Dict(false);
    copy(argument(global, args, 0, Dict.class), dict);
    return dict;
  }

  private Sequence set(Global global, List<Object> args) throws TorchFormatException {
    List<Object> items = argument(global, args, 0, Sequence.class).items;
    budget.charge((long) PickleBudget.SLOT * items.size());
    Sequence set = new Sequence();
    set.items.addAll(items);
    return set;
  }

  /** {@code (storage, offset, size, stride, requires_grad, hooks[, dtype][, metadata])}. */
  private TensorView tensor(Global global, List<Object> args, boolean typed)
      throws TorchFormatException {
    StorageRef storage = argument(global, args, 0, StorageRef.class);
    Object offset = argument(global, args, 1, Object.class);
    List<Object> size = argument(global, args, 2, Tuple.class).items;
    List<Object> stride = argument(global, args, 3, Tuple.class).items;
    requirePlain(global, args, typed ? 7 : 6);
    DType dtype = storage.type().dtype();
    if (typed) {
      Global named = argument(global, args, 6, Global.class);
      DType own =
          named.role() == Global.Role.DTYPE ? StorageType.ofDtype(named.name()) : (DType) null;
      if (own == null) {
        throw wrong(global, named + " as the element type");
      }
      dtype = own;
    }
    budget.charge(4L * PickleBudget.OBJECT + (long) PickleBudget.SLOT * size.size());
    return TensorView.of(faults, storage, dtype, offset, size, stride);
  }

  /** The metadata may say that the numbers in the storage are not the tensor's own. */
  private void requirePlain(Global global, List<Object> args, int metadata)
      throws TorchFormatException {
    if (args.size() > metadata
        && args.get(metadata) instanceof Dict flags
        && (Boolean.TRUE.equals(flags.items.get("neg"))
            || Boolean.TRUE.equals(flags.items.get("conj")))) {
      throw wrong(global, "a tensor to negate or conjugate");
    }
  }

  /**
   * {@code (function, type, arguments, state)}: a tensor with Python attributes, which are left.
   */
  private Object fromType(Global global, List<Object> args) throws TorchFormatException {
    Global function = argument(global, args, 0, Global.class);
    if (function.role() != Global.Role.REBUILD_TENSOR
        && function.role() != Global.Role.REBUILD_TENSOR_V3
        && function.role() != Global.Role.REBUILD_PARAMETER) {
      throw wrong(global, "the function " + function);
    }
    return call(function, argument(global, args, 2, Tuple.class).items);
  }

  private String device(Global global, List<Object> args) throws TorchFormatException {
    String type = argument(global, args, 0, String.class);
    budget.charge(type.length());
    return args.size() > 1 ? type + ":" + argument(global, args, 1, Long.class) : type;
  }

  /** {@code ()}, {@code (bytes)}, or {@code (text, 'latin1')}. */
  private Bytes bytes(Global global, List<Object> args) throws TorchFormatException {
    if (args.isEmpty()) {
      return new Bytes(new byte[0]);
    }
    if (args.getFirst() instanceof Bytes bytes) {
      return bytes;
    }
    String text = argument(global, args, 0, String.class);
    String charset = argument(global, args, 1, String.class);
    if (!charset.equals("latin1") && !charset.equals("latin-1")) {
      throw wrong(global, "another encoding than latin1");
    }
    budget.charge(PickleBudget.OBJECT + 2L * text.length());
    return new Bytes(text.getBytes(StandardCharsets.ISO_8859_1));
  }

  private Object scalar(Global global, List<Object> args) throws TorchFormatException {
    NumpyType type = argument(global, args, 0, NumpyType.class);
    Object raw = argument(global, args, 1, Object.class);
    Object value = null;
    if (raw instanceof Bytes bytes) {
      value = type.scalar(bytes.content);
    } else if (raw instanceof String text) {
      // Python 2 had no other type for bytes.
      value = type.scalar(text.getBytes(StandardCharsets.ISO_8859_1));
    }
    return value == null ? raw : value;
  }

  /** Opcode BUILD: gives {@code object} its state. */
  void build(Object object, Object state) throws TorchFormatException {
    if (object instanceof Dict dict && state instanceof Dict attributes) {
      // An ordinary dict keeps its content: the state is an ornament such as _metadata.
      if (dict.isAttributes) {
        copy(attributes, dict);
      }
    } else if (object instanceof NumpyType type && state instanceof Tuple tuple) {
      if (tuple.items.size() > 1 && ">".equals(tuple.items.get(1))) {
        type.bigEndian();
      }
    } else {
      throw faults.unsafe(
          "the pickle gives a state to something that has none",
          Pickled.kind(state) + " for " + Pickled.kind(object),
          "a dict for a dict");
    }
  }

  private void copy(Dict from, Dict to) throws TorchFormatException {
    if (from == to) {
      return;
    }
    budget.charge((long) (PickleBudget.SLOT + PickleBudget.OBJECT) * from.items.size());
    to.items.putAll(from.items);
  }

  /** One item of a dict. */
  void put(Dict dict, Object key, Object value) throws TorchFormatException {
    boolean plain =
        switch (key) {
          case String s -> s.length() <= CheckpointContent.MAX_NAME;
          case Long l -> true;
          case Boolean b -> true;
          case Double d -> true;
          case None n -> true;
          case Global g -> true;
          default -> false;
        };
    if (!plain) {
      throw faults.limit(
          "the keys of a dict must be short text or numbers",
          key instanceof String s ? "one of " + s.length() + " characters" : Pickled.kind(key),
          "at most " + CheckpointContent.MAX_NAME + " characters");
    }
    budget.charge(PickleBudget.SLOT + PickleBudget.OBJECT);
    dict.items.put(key, value);
  }

  private <T> T argument(Global global, List<Object> args, int index, Class<T> type)
      throws TorchFormatException {
    if (index >= args.size() || !type.isInstance(args.get(index))) {
      throw wrong(
          global,
          index >= args.size()
              ? "only " + args.size() + " arguments"
              : Pickled.kind(args.get(index)) + " as argument " + index);
    }
    return type.cast(args.get(index));
  }

  private TorchFormatException wrong(Global global, String found) {
    return faults.damaged(
        "the arguments of " + global + " must fit", found, "those that torch.save writes");
  }

  private TorchFormatException badStorage(String found) {
    return faults.damaged(
        "a persistent id must name a storage",
        found,
        "('storage', type, key, location, number of elements)");
  }

  private static String number(Object value) {
    return value instanceof Long l ? l.toString() : Pickled.kind(value);
  }
}
