package io.github.f2d4j.weights.torch;

import io.github.f2d4j.engine.types.DType;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The storages of PyTorch whose elements the engine has a type for. */
enum StorageType {
  DOUBLE("DoubleStorage", DType.F64),
  FLOAT("FloatStorage", DType.F32),
  HALF("HalfStorage", DType.F16),
  BFLOAT16("BFloat16Storage", DType.BF16),
  LONG("LongStorage", DType.I64),
  INT("IntStorage", DType.I32),
  SHORT("ShortStorage", DType.I16),
  CHAR("CharStorage", DType.I8),
  BYTE("ByteStorage", DType.U8),
  BOOL("BoolStorage", DType.BOOL),
  /** Bytes; the tensor itself says what they are. */
  UNTYPED("UntypedStorage", DType.U8);

  private static final Map<String, StorageType> BY_NAME = new HashMap<>();

  /** The element types that a tensor names itself, by the names of {@code torch.dtype}. */
  private static final Map<String, DType> DTYPES =
      Map.ofEntries(
          Map.entry("float64", DType.F64),
          Map.entry("float32", DType.F32),
          Map.entry("float16", DType.F16),
          Map.entry("bfloat16", DType.BF16),
          Map.entry("float8_e4m3fn", DType.F8_E4M3),
          Map.entry("float8_e5m2", DType.F8_E5M2),
          Map.entry("int64", DType.I64),
          Map.entry("int32", DType.I32),
          Map.entry("int16", DType.I16),
          Map.entry("int8", DType.I8),
          Map.entry("uint64", DType.U64),
          Map.entry("uint32", DType.U32),
          Map.entry("uint16", DType.U16),
          Map.entry("uint8", DType.U8),
          Map.entry("bool", DType.BOOL));

  static {
    for (StorageType type : values()) {
      BY_NAME.put(type.className, type);
    }
  }

  private final String className;
  private final DType dtype;

  StorageType(String className, DType dtype) {
    this.className = className;
    this.dtype = dtype;
  }

  /** The storage class of that name in module {@code torch}, or null. */
  static @Nullable StorageType ofClass(String name) {
    return BY_NAME.get(name);
  }

  /** The element type {@code torch.<name>}, or null. */
  static @Nullable DType ofDtype(String name) {
    return DTYPES.get(name);
  }

  /** The element type. */
  DType dtype() {
    return dtype;
  }
}
