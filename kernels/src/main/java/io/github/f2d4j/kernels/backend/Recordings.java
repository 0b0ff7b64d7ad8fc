package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Backend.Workspace;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.KernelSequence;
import io.github.f2d4j.kernels.device.Gpu;
import java.lang.System.Logger.Level;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The recordings of a GPU. They share one piece of working memory: each is queued as a whole, so no
 * two use it at the same time. Whoever uses a recording holds this object's lock.
 */
final class Recordings {
  private static final System.Logger LOG = System.getLogger(Recordings.class.getName());

  /** Recordings that are kept at one time; each holds its arguments and results. */
  private static final int MOST = 16;

  private final Gpu gpu;
  private final GpuWorkspaces workspaces;
  private final boolean wanted;

  /** Those in use, eldest first. */
  private final Deque<Recording> kept = new ArrayDeque<>();

  private @Nullable Workspace workspace;
  private @Nullable String obstacle;

  /** Recordings on memory of {@code workspaces}; none at all unless {@code wanted}. */
  Recordings(Gpu gpu, GpuWorkspaces workspaces, boolean wanted) {
    this.gpu = gpu;
    this.workspaces = workspaces;
    this.wanted = wanted;
  }

  /** What records {@code sequence}; null if its kernels are to run one after the other. */
  @Nullable RecordedSequence runner(KernelSequence sequence) {
    boolean queued =
        sequence.kernels().stream()
            .allMatch(
                k -> k instanceof RawKernel || (k instanceof GpuKernel g && g.canBeRecorded()));
    return wanted && queued && sequence.kernels().size() >= RecordedSequence.FEWEST_KERNELS
        ? new RecordedSequence(gpu, this, sequence)
        : null;
  }

  /**
   * Records {@code sequence}.
   *
   * @throws OutOfMemoryError if there is not enough for it
   */
  synchronized Recording record(KernelSequence sequence, List<? extends Buffer> arguments) {
    kept.removeIf(r -> !r.closeUnlessUsable());
    while (kept.size() >= MOST) {
      kept.remove().close();
    }
    Recording recording =
        Recording.of(gpu, sequence, arguments, workspace(sequence.workspaceBytes()));
    kept.add(recording);
    return recording;
  }

  /** The shared memory, which is exchanged for a larger one if it has to be. */
  private Buffer workspace(long bytes) {
    Workspace current = workspace;
    if (current == null || current.buffer().bytes() < bytes) {
      clear();
      current = workspaces.borrow(bytes);
      workspace = current;
    }
    return current.buffer();
  }

  /** Other working memory, for a run that is not recorded. */
  Workspace borrow(long bytes) {
    return workspaces.borrow(bytes);
  }

  /** Forgets all recordings; what runs again is recorded again. */
  synchronized void clear() {
    kept.forEach(Recording::close);
    kept.clear();
    Workspace current = workspace;
    if (current != null) {
      workspace = null;
      current.close();
    }
  }

  /** Says once why something is not recorded. */
  synchronized void refused(String reason) {
    Level level = obstacle == null ? Level.WARNING : Level.DEBUG;
    LOG.log(level, "A sequence of kernels is not run as one CUDA graph: {0}", reason);
    obstacle = obstacle == null ? reason : obstacle;
  }

  /** How sequences run, in a few words. */
  synchronized String describe() {
    String known = obstacle;
    if (!wanted) {
      return "kernel by kernel";
    }
    return "steps as one graph" + (known == null ? "" : ", but not all: " + known);
  }
}
