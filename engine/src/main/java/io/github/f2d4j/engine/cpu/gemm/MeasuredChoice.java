package io.github.f2d4j.engine.cpu.gemm;

import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.HostBuffer;
import io.github.f2d4j.engine.backend.Kernel;
import io.github.f2d4j.engine.backend.Operand;
import io.github.f2d4j.engine.cpu.amx.Amx;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import io.github.f2d4j.engine.cpu.simd.Lanes;
import io.github.f2d4j.engine.cpu.tuning.ConvolveAlgorithm;
import io.github.f2d4j.engine.cpu.tuning.ConvolveChoice;
import io.github.f2d4j.engine.cpu.tuning.ConvolveShape;
import io.github.f2d4j.engine.cpu.tuning.TuningCache;
import io.github.f2d4j.engine.op.ConvolveOp.Conv2d;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.op.Epilogue;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the algorithm that is fastest on this machine for one image, by measuring it when a shape
 * is met for the first time. The answer is kept in a {@link TuningCache}, so later runs choose the
 * same; another machine may choose, and so round, differently.
 */
public final class MeasuredChoice implements ConvolveChoice {
  /** Each algorithm runs at least twice and at least this long; its best time counts. */
  private static final long MEASURE_NANOS = 60_000_000;

  /** An algorithm with larger weights must be faster by this factor. */
  private static final double WORTHWHILE = 1.1;

  private static final System.Logger LOG = System.getLogger(MeasuredChoice.class.getName());

  private final WorkPool pool;
  private final TuningCache cache;
  private final Map<ConvolveShape, ConvolveAlgorithm> known = new HashMap<>();

  /** A choice that measures with the threads of {@code pool} and keeps answers in {@code cache}. */
  public MeasuredChoice(WorkPool pool, TuningCache cache) {
    this.pool = pool;
    this.cache = cache;
  }

  /** What distinguishes this machine from others that share a cache: processor and lane width. */
  public static String machine() {
    String unit = Amx.used() ? ", " + Amx.describe() : "";
    return "%s, %s, %s%s"
        .formatted(processor(), System.getProperty("os.arch"), Lanes.describe(), unit);
  }

  private static String processor() {
    Path info = Path.of("/proc/cpuinfo");
    if (Files.isReadable(info)) {
      try (Stream<String> lines = Files.lines(info)) {
        return lines
            .filter(l -> l.startsWith("model name") && l.contains(":"))
            .map(l -> l.substring(l.indexOf(':') + 1).strip())
            .findFirst()
            .orElse("processor");
      } catch (IOException | UncheckedIOException e) {
        LOG.log(System.Logger.Level.DEBUG, "cannot read " + info, e);
      }
    }
    String named = System.getenv("PROCESSOR_IDENTIFIER");
    return named == null ? "processor" : named;
  }

  @Override
  public String name() {
    return "tune";
  }

  @Override
  public ConvolveAlgorithm choose(ConvolveShape shape) {
    synchronized (known) {
      ConvolveAlgorithm before = known.get(shape);
      if (before != null) {
        return before;
      }
      ConvolveAlgorithm algorithm = remembered(shape);
      if (algorithm == null) {
        algorithm = remember(shape, measure(shape));
      }
      known.put(shape, algorithm);
      return algorithm;
    }
  }

  private @Nullable ConvolveAlgorithm remembered(ConvolveShape shape) {
    try {
      return cache.get(shape);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot read measured choices; measuring again", e);
      return null;
    }
  }

  private ConvolveAlgorithm remember(ConvolveShape shape, ConvolveAlgorithm measured) {
    try {
      return cache.add(shape, measured);
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "cannot keep a measured choice; it counts now only", e);
      return measured;
    }
  }

  private ConvolveAlgorithm measure(ConvolveShape shape) {
    ConvolveAlgorithm best = ConvolveAlgorithm.DIRECT;
    long bestTime = time(shape, best);
    for (ConvolveAlgorithm other : ConvolveAlgorithm.values()) {
      if (other != ConvolveAlgorithm.DIRECT) {
        long time = time(shape, other);
        if (time * WORTHWHILE < bestTime) {
          best = other;
          bestTime = time;
        }
      }
    }
    return best;
  }

  /** Nanoseconds for one image. */
  private long time(ConvolveShape shape, ConvolveAlgorithm algorithm) {
    List<TensorType> types =
        List.of(
            TensorType.f32(Shape.of(1, shape.height(), shape.width(), shape.in())),
            TensorType.f32(Shape.of(shape.out(), shape.in(), 3, 3)));
    Conv2d op = new Conv2d(Window.of(1, 1), 1, Epilogue.NONE);
    TensorType result = op.infer(types);
    Kernel kernel =
        ConvolveKernels.compile(
            op,
            List.of(new Operand(types.get(0), false), new Operand(types.get(1), true)),
            result,
            pool,
            ConvolveChoice.always(algorithm));
    HostBuffer weight = HostBuffer.allocate(types.get(1).bytes());
    List<Buffer> inputs =
        List.of(
            HostBuffer.allocate(types.get(0).bytes()),
            Objects.requireNonNull(kernel.packing(1)).pack(weight));
    HostBuffer output = HostBuffer.allocate(result.bytes());
    HostBuffer scratch = HostBuffer.allocate(kernel.scratchBytes());
    kernel.run(inputs, output, scratch);
    long best = Long.MAX_VALUE;
    long start = System.nanoTime();
    int runs = 0;
    do {
      long before = System.nanoTime();
      kernel.run(inputs, output, scratch);
      best = Math.min(best, System.nanoTime() - before);
      runs++;
    } while (runs < 2 || System.nanoTime() - start < MEASURE_NANOS);
    return best;
  }
}
