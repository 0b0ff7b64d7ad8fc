package io.github.f2d4j.weights.torch;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import io.github.f2d4j.weights.torch.Pickled.Bytes;
import io.github.f2d4j.weights.torch.Pickled.Dict;
import io.github.f2d4j.weights.torch.Pickled.None;
import io.github.f2d4j.weights.torch.Pickled.Sequence;
import io.github.f2d4j.weights.torch.Pickled.Tuple;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The object of a checkpoint, unfolded into names: keys of nested dicts are joined by dots. A list
 * or tuple is one value, unless it holds tensors or dicts; then its items have their index as name.
 */
final class CheckpointContent {
  /** The name of a tensor that is the whole checkpoint. */
  static final String BARE = "tensor";

  /** The longest name, in characters. */
  static final int MAX_NAME = 4096;

  private static final int MAX_DEPTH = 64;

  private final Faults faults;
  private final PickleBudget budget;
  private final Map<String, @Nullable TensorView> tensors = new LinkedHashMap<>();
  private final Map<String, @Nullable Object> values = new LinkedHashMap<>();

  private CheckpointContent(Faults faults, PickleBudget budget) {
    this.faults = faults;
    this.budget = budget;
  }

  static CheckpointContent of(Faults faults, PickleBudget budget, Object root)
      throws TorchFormatException {
    CheckpointContent content = new CheckpointContent(faults, budget);
    content.unfold("", root, 0);
    return content;
  }

  /** The tensors, in the order of the pickle. */
  Map<String, @Nullable TensorView> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** Everything else: see {@link TorchFile#values()}. */
  Map<String, @Nullable Object> values() {
    return Collections.unmodifiableMap(values);
  }

  private void unfold(String name, Object object, int depth) throws TorchFormatException {
    requireDepth(depth);
    budget.charge(PickleBudget.SLOT);
    switch (object) {
      case TensorView tensor -> put(tensors, name, tensor);
      case StorageRef storage -> put(tensors, name, TensorView.of(faults, storage));
      case Dict dict -> {
        for (Map.Entry<Object, Object> item : dict.items.entrySet()) {
          unfold(join(name, key(item.getKey())), item.getValue(), depth + 1);
        }
      }
      case Sequence sequence -> unfoldItems(name, sequence.items, depth);
      case Tuple tuple -> unfoldItems(name, tuple.items, depth);
      default -> put(values, name, value(object, depth));
    }
  }

  private void unfoldItems(String name, List<Object> items, int depth) throws TorchFormatException {
    if (!holdsNames(items, depth)) {
      put(values, name, values(items, depth));
      return;
    }
    for (int i = 0; i < items.size(); i++) {
      unfold(join(name, Integer.toString(i)), items.get(i), depth + 1);
    }
  }

  /** Whether a tensor or dict lies anywhere in these items. */
  private boolean holdsNames(List<Object> items, int depth) throws TorchFormatException {
    requireDepth(depth);
    budget.charge((long) PickleBudget.SLOT * items.size());
    for (Object item : items) {
      boolean holds =
          switch (item) {
            case TensorView t -> true;
            case StorageRef s -> true;
            case Dict d -> true;
            case Sequence s -> holdsNames(s.items, depth + 1);
            case Tuple t -> holdsNames(t.items, depth + 1);
            default -> false;
          };
      if (holds) {
        return true;
      }
    }
    return false;
  }

  private List<@Nullable Object> values(List<Object> items, int depth) throws TorchFormatException {
    requireDepth(depth);
    budget.charge(PickleBudget.OBJECT + (long) PickleBudget.SLOT * items.size());
    List<@Nullable Object> values = new ArrayList<>(items.size());
    for (Object item : items) {
      values.add(value(item, depth + 1));
    }
    return Collections.unmodifiableList(values);
  }

  private @Nullable Object value(Object object, int depth) throws TorchFormatException {
    return switch (object) {
      case None n -> null;
      case Bytes bytes -> ByteBuffer.wrap(bytes.content).asReadOnlyBuffer();
      case Global global -> global.toString();
      case NumpyType type -> type.toString();
      case Sequence sequence -> values(sequence.items, depth);
      case Tuple tuple -> values(tuple.items, depth);
      default -> object;
    };
  }

  private <T> void put(Map<String, @Nullable T> map, String name, @Nullable T value)
      throws TorchFormatException {
    String full = name.isEmpty() ? BARE : name;
    if (map.containsKey(full)) {
      throw faults.damaged(
          "two parts of a checkpoint must not have one name", quote(full) + " twice", "it once");
    }
    budget.charge(2L * PickleBudget.OBJECT);
    map.put(full, value);
  }

  private static String key(Object key) {
    return key == None.NONE ? "None" : key.toString();
  }

  private String join(String name, String key) throws TorchFormatException {
    String joined = name.isEmpty() ? key : name + "." + key;
    if (joined.length() > MAX_NAME) {
      throw faults.limit(
          "names are limited",
          quote(joined) + " with " + joined.length() + " characters",
          "at most " + MAX_NAME);
    }
    budget.charge(PickleBudget.OBJECT + 2L * joined.length());
    return joined;
  }

  private void requireDepth(int depth) throws TorchFormatException {
    if (depth > MAX_DEPTH) {
      throw faults.limit(
          "the nesting of a checkpoint is limited",
          "more than " + MAX_DEPTH + " levels",
          "at most that");
    }
  }
}
