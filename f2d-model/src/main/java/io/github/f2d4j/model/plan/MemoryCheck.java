package io.github.f2d4j.model.plan;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.pipeline.ModelFolder;
import io.github.f2d4j.model.pipeline.Tiles;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Compares plans with the memory that there is, and looks for what would fit instead. */
public final class MemoryCheck {
  /** Finer than that, sizes are not searched. */
  private static final int SIDE_STEP = 64;

  private final ModelFolder folder;
  private final MemoryLimit limit;
  private final JvmMemory jvm;

  /** A check of generations with the model in {@code folder}. */
  public MemoryCheck(ModelFolder folder, MemoryLimit limit) {
    this(folder, limit, JvmMemory.ofThisJvm());
  }

  MemoryCheck(ModelFolder folder, MemoryLimit limit, JvmMemory jvm) {
    this.folder = folder;
    this.limit = limit;
    this.jvm = jvm;
  }

  /** Whether the memory suffices. */
  public boolean fits(GenerationPlan plan) {
    return shortage(plan) == null;
  }

  /**
   * Refuses a plan that does not fit.
   *
   * @throws InsufficientMemoryException telling what is needed, what there is, and what would fit
   */
  public void requireFits(GenerationPlan plan) throws IOException {
    String shortage = shortage(plan);
    if (shortage != null) {
      throw new InsufficientMemoryException(shortage + "; " + remedy(plan));
    }
  }

  private @Nullable String shortage(GenerationPlan plan) {
    MemoryEstimate m = plan.memory();
    String what =
        "%d x %d pixels, %d at a time, need"
            .formatted(plan.request().width(), plan.request().height(), plan.request().images());
    if (m.neededBytes() > limit.bytes()) {
      return "%s %s of memory, but there are %s (%s)"
          .formatted(what, gib(m.neededBytes()), gib(limit.bytes()), limit.source());
    }
    if (m.offHeapBytes() > jvm.offHeapLimitBytes()) {
      return "%s %s of memory for tensors, but this JVM allows %s (-XX:MaxDirectMemorySize)"
          .formatted(what, gib(m.offHeapBytes()), gib(jvm.offHeapLimitBytes()));
    }
    return null;
  }

  /** What would fit, the smallest change first. */
  private String remedy(GenerationPlan plan) throws IOException {
    List<String> found = new ArrayList<>();
    GenerationRequest r = plan.request();
    int images = r.images() > 1 ? mostImages(r) : 0;
    if (images > 0) {
      found.add("%d at a time (--images %d), several times".formatted(images, images));
    }
    if (r.tiles() != Tiles.ALWAYS && fits(r.toBuilder().tiles(Tiles.ALWAYS), null)) {
      found.add("decoding in tiles (--tiles always)");
    }
    if (found.isEmpty() && fits(r.toBuilder(), DType.F16) && plan.weightBytes() > halfBytes()) {
      found.add("weights in float16");
    }
    if (found.isEmpty()) {
      String smaller = smaller(r);
      if (smaller != null) {
        found.add(smaller);
      }
    }
    return found.isEmpty()
        ? "no smaller picture fits either: more memory is needed"
        : "what fits: " + String.join(", or ", found);
  }

  private int mostImages(GenerationRequest r) throws IOException {
    int low = 0;
    int high = r.images() - 1;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      if (fits(r.toBuilder().images(middle), null)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private @Nullable String smaller(GenerationRequest r) throws IOException {
    Integer width = r.width();
    Integer height = r.height();
    if (width == null || height == null) {
      return null;
    }
    for (int side = Math.max(width, height) - SIDE_STEP; side >= SIDE_STEP; side -= SIDE_STEP) {
      double scale = (double) side / Math.max(width, height);
      int w = Math.max(SIDE_STEP, (int) (width * scale) / SIDE_STEP * SIDE_STEP);
      int h = Math.max(SIDE_STEP, (int) (height * scale) / SIDE_STEP * SIDE_STEP);
      GenerationRequest.Builder tiled = r.toBuilder().images(1).tiles(Tiles.ALWAYS).size(w, h);
      if (fits(tiled, null)) {
        return String.format(
            Locale.ROOT,
            "a smaller picture (--images 1 --tiles always --width %d --height %d)",
            w,
            h);
      }
    }
    return null;
  }

  private boolean fits(GenerationRequest.Builder request, @Nullable DType dtype)
      throws IOException {
    return fits(GenerationPlan.of(folder, request.build(), dtype, null));
  }

  private long halfBytes() throws IOException {
    return GenerationPlan.weightBytes(folder, DType.F16);
  }

  static String gib(long bytes) {
    return String.format(Locale.ROOT, "%.2f GiB", bytes / (double) (1L << 30));
  }
}
