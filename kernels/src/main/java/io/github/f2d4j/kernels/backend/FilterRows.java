package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Packing;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.kernels.catalog.Movement;
import io.github.f2d4j.kernels.catalog.StridedAxes;
import io.github.f2d4j.kernels.catalog.StridedCopy;
import io.github.f2d4j.kernels.device.Gpu;
import java.util.List;

/**
 * A convolution's filters [O,I/groups,KH,KW] as rows [O,KH,KW,I], the order in which windows of a
 * channels-last picture lie. With several groups, a filter gets zeros for the channels of the
 * others. Rows may have further channels, and there may be further rows: all zero.
 *
 * @param taps KH·KW
 * @param inputs I/groups
 * @param rows O, and how many follow
 * @param width I, and how many follow
 */
record FilterRows(
    Gpu gpu,
    Precision from,
    Precision to,
    int filters,
    int inputs,
    int taps,
    int groups,
    int rows,
    int width)
    implements Packing {

  static FilterRows of(Gpu gpu, Precision precision, TensorType type, int groups) {
    Shape w = type.shape();
    return new FilterRows(
        gpu,
        type.dtype().isComputable() ? Precision.of(type.dtype()) : precision,
        precision,
        w.dim(0),
        w.dim(1),
        w.dim(2) * w.dim(3),
        groups,
        w.dim(0),
        w.dim(1) * groups);
  }

  /** With zeros up to {@code rows} filters of {@code width} channels. */
  FilterRows padded(int rows, int width) {
    return new FilterRows(gpu, from, to, filters, inputs, taps, groups, rows, width);
  }

  /** Numbers in the rows. */
  long elements() {
    return (long) rows * taps * width;
  }

  /** Queues the rearrangement of filters that are in the right precision. */
  void arrange(long w, long target) {
    if (elements() > (long) filters * taps * inputs) {
      new Movement.Fill(to.element(), Math.toIntExact(elements()), 0)
          .launches(target)
          .forEach(gpu::launch);
    }
    int each = filters / groups;
    for (int g = 0; g < groups; g++) {
      StridedAxes axes =
          new StridedAxes(
              List.of(each, taps, inputs),
              List.of(inputs * taps, 1, taps),
              List.of(taps * width, width, 1));
      long first = (long) g * each * taps;
      new StridedCopy(to.bytes(), axes, first * inputs, first * width + (long) g * inputs)
          .launches(w, target)
          .forEach(gpu::launch);
    }
  }

  @Override
  public Buffer pack(HostBuffer source) {
    long count = (long) filters * inputs * taps;
    GpuBuffer plain = new PackedConstant(gpu, from, to, count).pack(source);
    GpuBuffer packed = GpuBuffer.allocateBeside(gpu, source, elements() * to.bytes());
    arrange(plain.address(), packed.address());
    plain.free();
    return packed;
  }

  @Override
  public long packedBytes(long sourceBytes) {
    return elements() * to.bytes();
  }
}
