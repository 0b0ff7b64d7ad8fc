package io.github.f2d4j.engine;

import io.github.f2d4j.engine.backend.AbsentBuffer;
import io.github.f2d4j.engine.backend.Backend;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.JoinedBuffer;
import io.github.f2d4j.engine.graph.Analysis;
import io.github.f2d4j.engine.graph.Capture;
import io.github.f2d4j.engine.graph.Node;
import io.github.f2d4j.engine.graph.Node.Apply;
import io.github.f2d4j.engine.graph.Node.Leaf;
import io.github.f2d4j.engine.graph.PlanCache;
import io.github.f2d4j.engine.op.MovementOp.Reshape;
import io.github.f2d4j.engine.op.Op;
import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * An immutable, lazy, n-dimensional array. Operators only note what is to be computed; {@link
 * #eval()} and the methods that read values compile what is needed into one plan and run it on
 * {@link Backends#current()}. Intermediate values own no memory, so there is nothing to close.
 *
 * <p>Images are NHWC. Operators that the models need are methods here and in {@link TensorOps},
 * which this class extends.
 *
 * {@snippet file = "io/github/f2d4j/engine/example/TensorExample.java" region = "tensor"}
 */
public final class Tensor extends TensorOps {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;

  private final Node node;

  private Tensor(Node node) {
    this.node = node;
  }

  // ---- where tensors come from

  /**
   * A tensor with a copy of these values, row-major.
   *
   * @throws IllegalArgumentException if there are more or fewer values than the shape has elements
   */
  public static Tensor of(float[] values, int... dims) {
    return of(values, Shape.of(dims));
  }

  /** A tensor with a copy of these values, row-major. */
  public static Tensor of(float[] values, Shape shape) {
    requireLength(values.length, shape);
    HostBuffer buffer = HostBuffer.allocate(4L * values.length);
    MemorySegment.copy(values, 0, buffer.segment(), FLOAT, 0, values.length);
    return of(TensorType.f32(shape), buffer);
  }

  /** A tensor of 64-bit integers with a copy of these values. */
  public static Tensor of(long[] values, int... dims) {
    Shape shape = Shape.of(dims);
    requireLength(values.length, shape);
    HostBuffer buffer = HostBuffer.allocate(8L * values.length);
    MemorySegment.copy(values, 0, buffer.segment(), LONG, 0, values.length);
    return of(new TensorType(DType.I64, shape), buffer);
  }

  /** A tensor over existing memory, without a copy; the memory must no longer change. */
  public static Tensor of(TensorType type, Buffer memory) {
    return new Tensor(new Leaf(type, memory, false));
  }

  /**
   * A model's parameter over existing off-heap memory, without a copy. Backends may keep it packed
   * in a second form for as long as it is reachable.
   */
  public static Tensor parameter(TensorType type, MemorySegment memory) {
    return parameter(type, HostBuffer.of(memory));
  }

  /** A model's parameter in {@code memory}, without a copy. */
  public static Tensor parameter(TensorType type, Buffer memory) {
    return new Tensor(new Leaf(type, memory, true));
  }

  /** A model's parameter of which only the type is known: plans can be made for it, not run. */
  public static Tensor parameter(TensorType type) {
    return new Tensor(new Leaf(type, new AbsentBuffer(type.bytes(), false), true));
  }

  /**
   * One parameter made of several along their first axis, as a model multiplies by several of its
   * weights at once. Where all are parameters of one element type, nothing is copied: backends join
   * them while they pack.
   *
   * @throws IllegalArgumentException if there is none, or their other extents differ
   */
  public static Tensor join(List<Tensor> parameters) {
    if (parameters.size() == 1) {
      return parameters.getFirst();
    }
    boolean alike = parameters.stream().map(Tensor::dtype).distinct().count() == 1;
    Tensor joined =
        concat(
            0,
            parameters.stream()
                .map(t -> alike ? t : t.cast(DType.F32))
                .toArray(
                    Tensor[]::new)); // computed when it is read, unless a leaf can stand for it
    List<HostBuffer> buffers = new ArrayList<>();
    int absent = 0;
    for (Tensor t : parameters) {
      if (t.node instanceof Leaf l && l.constant()) {
        if (l.buffer() instanceof HostBuffer h) {
          buffers.add(h);
        } else if (l.buffer() instanceof AbsentBuffer a && !a.isComputed()) {
          absent++;
        }
      }
    }
    if (alike && absent == parameters.size()) {
      return parameter(joined.type());
    }
    return alike && buffers.size() == parameters.size() && JoinedBuffer.canJoin(buffers)
        ? parameter(joined.type(), new JoinedBuffer(buffers))
        : joined;
  }

  /** A scalar. */
  public static Tensor scalar(float value) {
    return of(new float[] {value});
  }

  /** A tensor filled with one value. */
  public static Tensor full(float value, int... dims) {
    float[] values = new float[Math.toIntExact(Shape.of(dims).elements())];
    Arrays.fill(values, value);
    return of(values, dims);
  }

  /**
   * A tensor that has a type but no value: an argument of a function being compiled. Reading it
   * fails.
   */
  public static Tensor placeholder(TensorType type) {
    return new Tensor(new Node.Input(type));
  }

  /**
   * {@code op} over {@code inputs}, for operators that have no method of their own.
   *
   * @throws IllegalArgumentException if the operator does not accept them
   */
  public static Tensor apply(Op op, Tensor... inputs) {
    if (op instanceof Reshape r && inputs[0].node instanceof Leaf leaf) {
      // The same memory under another shape keeps what backends have packed of it.
      return new Tensor(new Leaf(r.infer(List.of(leaf.type())), leaf.buffer(), leaf.constant()));
    }
    return new Tensor(new Apply(op, Arrays.stream(inputs).map(t -> t.node).toList()));
  }

  private static void requireLength(int length, Shape shape) {
    if (length != shape.elements()) {
      throw new IllegalArgumentException(
          "shape " + shape + " has " + shape.elements() + " elements, but got " + length);
    }
  }

  // ---- what they are

  /** Element type and shape. */
  public TensorType type() {
    return node.type();
  }

  /** The element type. */
  public DType dtype() {
    return type().dtype();
  }

  /** The shape. */
  public Shape shape() {
    return type().shape();
  }

  /** Extent {@code axis}; a negative axis counts from the end. */
  public int dim(int axis) {
    return shape().dim(axis);
  }

  @Override
  Tensor self() {
    return this;
  }

  Node node() {
    return node;
  }

  // ---- their values

  /** Computes this tensor now, unless that has been done, and returns it. */
  public Tensor eval() {
    eval(List.of(this));
    return this;
  }

  /** Computes several tensors in one plan. */
  public static void eval(List<Tensor> tensors) {
    List<Apply> pending = new ArrayList<>();
    for (Tensor t : tensors) {
      if (t.node instanceof Apply a && !a.isComplete()) {
        pending.add(a);
      }
    }
    if (pending.isEmpty()) {
      return;
    }
    Backend backend = Backends.current();
    Capture capture = Capture.of(pending, backend);
    List<Buffer> arguments = capture.arguments().stream().map(Tensor::memory).toList();
    List<Buffer> results = PlanCache.shared().get(capture.graph(), backend).run(arguments);
    for (int i = 0; i < results.size(); i++) {
      Apply a = pending.get(i);
      a.complete(new Leaf(a.type(), results.get(i), false));
    }
  }

  /**
   * What {@link #eval(List)} of these tensors would take on {@link Backends#current()}, without
   * computing them. Their arguments may be placeholders.
   */
  public static Analysis analyze(List<Tensor> tensors) {
    Backend backend = Backends.current();
    Capture capture = Capture.of(tensors.stream().map(t -> t.node).toList(), backend);
    return Analysis.of(capture, PlanCache.shared().get(capture.graph(), backend));
  }

  static Buffer memory(Node node) {
    return switch (node) {
      case Leaf l -> l.buffer();
      case Apply a -> a.value().buffer();
      case Node.Input i ->
          throw new IllegalStateException(
              "this tensor of type "
                  + i.type()
                  + " is a placeholder without a value: an argument of a function being compiled,"
                  + " or a weight that the checkpoint lacks");
    };
  }

  /** The memory that holds this tensor's value; computes it first. */
  public Buffer buffer() {
    return memory(eval().node);
  }

  /**
   * The values, row-major. If they have not been computed and numbers overflow on the way, they are
   * computed again with a wider range, where the backend has one ({@link Backend#wider}).
   *
   * @throws IllegalStateException if the element type is not F32, F16 or BF16
   */
  public float[] toFloats() {
    return node instanceof Apply a && !a.isComplete() && dtype().isComputable()
        ? HostRead.floats(a, leaf -> floats(leaf.buffer()))
        : floats(buffer());
  }

  private float[] floats(Buffer buffer) {
    try {
      return floats(buffer.toHost());
    } finally {
      Reference.reachabilityFence(buffer);
    }
  }

  private float[] floats(MemorySegment m) {
    int n = Math.toIntExact(shape().elements());
    float[] values = new float[n];
    switch (dtype()) {
      case F32 -> MemorySegment.copy(m, FLOAT, 0, values, 0, n);
      case F16 -> {
        for (int i = 0; i < n; i++) {
          values[i] = Float.float16ToFloat(m.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i));
        }
      }
      case BF16 -> {
        for (int i = 0; i < n; i++) {
          int bits = m.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i) << 16;
          values[i] = Float.intBitsToFloat(bits);
        }
      }
      case F64, F8_E4M3, F8_E5M2, I64, I32, I16, I8, U64, U32, U16, U8, BOOL ->
          throw new IllegalStateException(
              "a tensor of type " + type() + " cannot be read as floats; cast it to F32 first");
    }
    return values;
  }

  /**
   * The values of an I64 or I32 tensor, row-major.
   *
   * @throws IllegalStateException if the element type is another
   */
  public long[] toLongs() {
    Buffer buffer = buffer();
    try {
      return longs(buffer.toHost());
    } finally {
      Reference.reachabilityFence(buffer);
    }
  }

  private long[] longs(MemorySegment m) {
    int n = Math.toIntExact(shape().elements());
    long[] values = new long[n];
    if (dtype() == DType.I64) {
      MemorySegment.copy(m, LONG, 0, values, 0, n);
    } else if (dtype() == DType.I32) {
      for (int i = 0; i < n; i++) {
        values[i] = m.get(ValueLayout.JAVA_INT_UNALIGNED, 4L * i);
      }
    } else {
      throw new IllegalStateException(
          "a tensor of type " + type() + " cannot be read as integers; cast it to I64 first");
    }
    return values;
  }

  /**
   * The value of a tensor of one element.
   *
   * @throws IllegalStateException if it has more or none
   */
  public float item() {
    if (shape().elements() != 1) {
      throw new IllegalStateException("item() needs one element, but this is " + type());
    }
    return toFloats()[0];
  }

  /** Type and shape; the values are not computed for it. */
  @Override
  public String toString() {
    return "Tensor " + type();
  }
}
