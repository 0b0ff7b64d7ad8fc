package io.github.f2d4j.weights.torch;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A name of the allow-list. A pickle can name any function or class of Python; here nothing is ever
 * looked up by such a name. The few that checkpoints need have a {@link Role}, which this package
 * plays itself; every other is refused where it is named, called or not.
 *
 * @param module its Python module
 * @param name its name there
 * @param role what it stands for
 */
record Global(String module, String name, Role role) implements Comparable<Global> {
  /** What a name stands for. */
  enum Role {
    /** {@code collections.OrderedDict}: a dict. */
    ORDERED_DICT,
    /** {@code collections.Counter}: a dict with its content as argument. */
    COUNTER,
    /** {@code set}, {@code frozenset}: a list, once called. */
    SET,
    /** An object that is only its attributes. */
    ATTRIBUTES,
    /** {@code torch._utils._rebuild_tensor}, {@code _v2}: a view of a storage. */
    REBUILD_TENSOR,
    /** {@code torch._utils._rebuild_tensor_v3}: the same with an element type. */
    REBUILD_TENSOR_V3,
    /** {@code torch._utils._rebuild_parameter}: the tensor it is given. */
    REBUILD_PARAMETER,
    /** {@code torch._tensor._rebuild_from_type_v2}: what the function it is given makes. */
    REBUILD_FROM_TYPE,
    /** A class of storages. */
    STORAGE,
    /** {@code torch.float32} and its like. */
    DTYPE,
    /** {@code torch.Size}: a tuple. */
    SIZE,
    /** {@code torch.device}: its name. */
    DEVICE,
    /** {@code _codecs.encode}, {@code bytearray}: how protocol 2 spells bytes. */
    BYTES,
    /** {@code numpy.dtype}. */
    NUMPY_DTYPE,
    /** numpy's scalar: one number. */
    NUMPY_SCALAR,
    /** A class that real checkpoints mention and never call, such as the key of a dict. */
    INERT
  }

  private static final Map<String, Role> ROLES =
      Map.ofEntries(
          Map.entry("collections.OrderedDict", Role.ORDERED_DICT),
          Map.entry("collections.Counter", Role.COUNTER),
          Map.entry("__builtin__.set", Role.SET),
          Map.entry("builtins.set", Role.SET),
          Map.entry("__builtin__.frozenset", Role.SET),
          Map.entry("builtins.frozenset", Role.SET),
          Map.entry("__builtin__.bytes", Role.BYTES),
          Map.entry("builtins.bytes", Role.BYTES),
          Map.entry("__builtin__.bytearray", Role.BYTES),
          Map.entry("builtins.bytearray", Role.BYTES),
          Map.entry("argparse.Namespace", Role.ATTRIBUTES),
          Map.entry("pytorch_lightning.utilities.parsing.AttributeDict", Role.ATTRIBUTES),
          Map.entry("torch._utils._rebuild_tensor", Role.REBUILD_TENSOR),
          Map.entry("torch._utils._rebuild_tensor_v2", Role.REBUILD_TENSOR),
          Map.entry("torch._utils._rebuild_tensor_v3", Role.REBUILD_TENSOR_V3),
          Map.entry("torch._utils._rebuild_parameter", Role.REBUILD_PARAMETER),
          Map.entry("torch._utils._rebuild_parameter_with_state", Role.REBUILD_PARAMETER),
          Map.entry("torch._tensor._rebuild_from_type_v2", Role.REBUILD_FROM_TYPE),
          Map.entry("torch.storage.UntypedStorage", Role.STORAGE),
          Map.entry("torch.Size", Role.SIZE),
          Map.entry("torch.device", Role.DEVICE),
          Map.entry("torch.Tensor", Role.INERT),
          Map.entry("torch.nn.parameter.Parameter", Role.INERT),
          Map.entry("_codecs.encode", Role.BYTES),
          Map.entry("numpy.dtype", Role.NUMPY_DTYPE),
          Map.entry("numpy.core.multiarray.scalar", Role.NUMPY_SCALAR),
          Map.entry("numpy._core.multiarray.scalar", Role.NUMPY_SCALAR));

  /** CompVis' Stable Diffusion checkpoints file their callbacks' state under these classes. */
  private static final Pattern INERT_MODULE =
      Pattern.compile("(pytorch_lightning|lightning)(\\.\\w+)*");

  private static final Pattern CLASS_NAME = Pattern.compile("[A-Z]\\w*");

  /**
   * The global of that name.
   *
   * @throws TorchFormatException naming it, if it is not on the list
   */
  static Global of(Faults faults, String module, String name) throws TorchFormatException {
    Role role = role(module, name);
    if (role == null) {
      throw faults.unsafe(
          "the pickle names something that is not on the list of what a checkpoint may name",
          quote(module + "." + name),
          "only tensors, storages and plain values");
    }
    return new Global(module, name, role);
  }

  private static @Nullable Role role(String module, String name) {
    Role role = ROLES.get(module + "." + name);
    if (role != null) {
      return role;
    }
    if ((module.equals("torch") || module.equals("torch.cuda"))
        && StorageType.ofClass(name) != null) {
      return Role.STORAGE;
    }
    if (module.equals("torch") && StorageType.ofDtype(name) != null) {
      return Role.DTYPE;
    }
    boolean inert = INERT_MODULE.matcher(module).matches() && CLASS_NAME.matcher(name).matches();
    return inert ? Role.INERT : null;
  }

  @Override
  public int compareTo(Global other) {
    return toString().compareTo(other.toString());
  }

  /** For example {@code torch.FloatStorage}. */
  @Override
  public String toString() {
    return module + "." + name;
  }
}
