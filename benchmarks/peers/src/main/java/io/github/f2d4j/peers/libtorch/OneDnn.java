package io.github.f2d4j.peers.libtorch;

import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.CompilationUnit;
import org.bytedeco.pytorch.Dispatcher;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.OperatorHandle;
import org.bytedeco.pytorch.QualifiedName;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * The operators {@code torch.ops.mkldnn.*}, which PyTorch's compiler uses and which take weights
 * packed by oneDNN. They have no C++ signature, so they are called by name.
 */
final class OneDnn {
  /** Types of empty and short lists, which only TorchScript can name. */
  private static final CompilationUnit LISTS =
      torch.compile(
          """
          def pair(a: int, b: int) -> List[int]:
            return [a, b]
          def scalars() -> List[Optional[number]]:
            x: List[Optional[number]] = []
            return x
          """);

  private static final OperatorHandle LINEAR = operator("mkldnn::_linear_pointwise");
  private static final OperatorHandle CONVOLUTION = operator("mkldnn::_convolution_pointwise");
  private static final OperatorHandle PACK = operator("mkldnn::_reorder_linear_weight");
  private static final IValue NO_SCALARS =
      LISTS.get_function(new QualifiedName("scalars")).apply(new IValueVector());

  private OneDnn() {}

  private static OperatorHandle operator(String name) {
    return Dispatcher.singleton().findSchemaOrThrow(name, "");
  }

  private static IValue pair(long a) {
    return LISTS
        .get_function(new QualifiedName("pair"))
        .apply(new IValueVector(new IValue(a), new IValue(a)));
  }

  private static IValue optional(@Nullable Tensor t) {
    return t == null ? new IValue() : new IValue(t);
  }

  /** To be called within a scope, which frees the arguments; the result outlives it. */
  private static Tensor call(OperatorHandle operator, IValue... arguments) {
    IValueVector stack = new IValueVector(arguments);
    operator.callBoxed(stack);
    // toTensor refers to the stack's own: only a copy of it outlives the stack.
    Tensor result = new Tensor(stack.get(0).toTensor());
    result.retainReference();
    return result;
  }

  /** A linear layer's weight packed for this many rows. */
  static Tensor packLinear(Tensor weight, long rows) {
    try (PointerScope _ = new PointerScope()) {
      return call(PACK, new IValue(weight), new IValue(rows));
    }
  }

  /** x·Wᵀ + b by a weight that is packed or dense. */
  static Tensor linear(Tensor x, Tensor weight, @Nullable Tensor bias) {
    try (PointerScope _ = new PointerScope()) {
      return call(
          LINEAR,
          new IValue(x),
          new IValue(weight),
          optional(bias),
          new IValue("none"),
          NO_SCALARS,
          new IValue(""));
    }
  }

  /** A convolution's weight packed for inputs of this shape. */
  static Tensor packConvolution(Tensor weight, Tensor x, int stride, int padding) {
    long[] ones = {1, 1};
    long[] strides = {stride, stride};
    long[] paddings = {padding, padding};
    long[] input = {x.size(0), x.size(1), x.size(2), x.size(3)};
    try (Tensor opaque = weight.to_mkldnn()) {
      return torch.mkldnn_reorder_conv2d_weight(opaque, paddings, strides, ones, 1, input);
    }
  }

  /** A convolution by a packed weight. */
  static Tensor convolve(Tensor x, Tensor weight, @Nullable Tensor bias, int stride, int padding) {
    try (PointerScope _ = new PointerScope()) {
      return call(
          CONVOLUTION,
          new IValue(x),
          new IValue(weight),
          optional(bias),
          pair(padding),
          pair(stride),
          pair(1),
          new IValue(1L),
          new IValue("none"),
          NO_SCALARS,
          new IValue(""));
    }
  }
}
