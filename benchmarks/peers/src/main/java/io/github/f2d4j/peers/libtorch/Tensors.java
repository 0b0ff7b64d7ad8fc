package io.github.f2d4j.peers.libtorch;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.weights.safetensors.TensorEntry;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/**
 * Tensors in and out of libtorch, and who frees them: whoever gets one as a result. The methods
 * that end in an underscore return their own tensor, which is not freed twice.
 */
final class Tensors {
  private Tensors() {}

  /** Memory that somebody else owns. */
  private static final class Address extends Pointer {
    Address(long address) {
      this.address = address;
    }
  }

  /** A copy of these values in {@code type}. */
  static Tensor of(float[] values, ScalarType type, long... dims) {
    try (FloatPointer memory = new FloatPointer(values);
        Tensor blob = torch.from_blob(memory, dims);
        Tensor copy = blob.clone()) {
      return copy.to(type);
    }
  }

  /** A copy of these NHWC images: NCHW by its shape, channels last in memory. */
  static Tensor images(float[] values, ScalarType type, long n, long h, long w, long c) {
    return then(of(values, type, n, h, w, c), t -> t.permute(0, 3, 1, 2));
  }

  /** A copy of a weight in {@code type}. */
  static Tensor of(TensorEntry entry, ScalarType type) {
    long[] dims = Arrays.stream(entry.shape().dims()).mapToLong(i -> i).toArray();
    try (TensorOptions options = new TensorOptions(scalar(entry.dtype()));
        Pointer memory = new Address(entry.data().address());
        Tensor blob = torch.from_blob(memory, dims, options);
        Tensor copy = blob.clone()) {
      return copy.to(type);
    }
  }

  private static ScalarType scalar(DType type) {
    return switch (type) {
      case F32 -> ScalarType.Float;
      case F16 -> ScalarType.Half;
      case BF16 -> ScalarType.BFloat16;
      default -> throw new IllegalArgumentException("weights of type " + type);
    };
  }

  /** The values, row-major by the tensor's shape. */
  static float[] floats(Tensor t) {
    try (Tensor wide = t.to(ScalarType.Float);
        Tensor dense = wide.contiguous();
        FloatPointer data = dense.data_ptr_float()) {
      float[] values = new float[Math.toIntExact(dense.numel())];
      data.get(values);
      return values;
    }
  }

  /** {@code f} of {@code t}, which is freed. */
  static Tensor then(Tensor t, UnaryOperator<Tensor> f) {
    try (t) {
      return f.apply(t);
    }
  }

  /** Adds {@code more} to {@code t} in place, and frees {@code more}. */
  static Tensor addInPlace(Tensor t, Tensor more) {
    try (more) {
      t.add_(more);
      return t;
    }
  }
}
