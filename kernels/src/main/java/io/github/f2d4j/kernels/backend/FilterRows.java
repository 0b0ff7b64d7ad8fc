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
 * others.
 *
 * @param taps KH·KW
 * @param inputs I/groups
 */
record FilterRows(
    Gpu gpu, Precision from, Precision to, int filters, int inputs, int taps, int groups)
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
        groups);
  }

  /** Numbers in the rows. */
  long elements() {
    return (long) filters * taps * inputs * groups;
  }

  /** Queues the rearrangement of filters that are in the right precision. */
  void arrange(long w, long rows) {
    if (groups > 1) {
      new Movement.Fill(to.element(), Math.toIntExact(elements()), 0)
          .launches(rows)
          .forEach(gpu::launch);
    }
    int each = filters / groups;
    int all = inputs * groups;
    for (int g = 0; g < groups; g++) {
      StridedAxes axes =
          new StridedAxes(
              List.of(each, taps, inputs),
              List.of(inputs * taps, 1, taps),
              List.of(taps * all, all, 1));
      long first = (long) g * each * taps;
      new StridedCopy(to.bytes(), axes, first * inputs, first * all + (long) g * inputs)
          .launches(w, rows)
          .forEach(gpu::launch);
    }
  }

  @Override
  public Buffer pack(HostBuffer source) {
    long count = (long) filters * inputs * taps;
    GpuBuffer plain = new PackedConstant(gpu, from, to, count).pack(source);
    GpuBuffer rows = GpuBuffer.allocateBeside(gpu, source, elements() * to.bytes());
    arrange(plain.address(), rows.address());
    plain.free();
    return rows;
  }

  @Override
  public long packedBytes(long sourceBytes) {
    return sourceBytes / from.bytes() * to.bytes() * groups;
  }
}
