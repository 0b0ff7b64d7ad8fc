package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.backend.Backend.Workspace;
import io.github.f2d4j.engine.backend.BoundKernel;
import io.github.f2d4j.engine.backend.Buffer;
import io.github.f2d4j.engine.backend.KernelSequence;
import io.github.f2d4j.engine.backend.SequenceRunner;
import io.github.f2d4j.kernels.device.Gpu;
import io.github.f2d4j.kernels.library.CudaException;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Runs a plan's kernels as one recorded unit. The first run goes kernel by kernel, in which
 * libraries load and choose; before the second the kernels are recorded; the third runs both and
 * compares them bit for bit, with other arguments than those of the recording; from then on the
 * recording alone is run. Where any of this fails, kernels go on one by one.
 */
final class RecordedSequence implements SequenceRunner {
  /** With fewer, copying arguments and results costs more than their launches. */
  static final int FEWEST_KERNELS = 16;

  /** Models of one form share a plan; so many of them keep a recording. */
  private static final int MOST = 4;

  private final Gpu gpu;
  private final Recordings recordings;
  private final KernelSequence sequence;

  /** Guarded by {@link #recordings}; the last used is the last. */
  private final List<Use> uses = new ArrayList<>();

  /** The plan with the constants of one model. */
  private static final class Use {
    /** Null for what is no constant. */
    final List<@Nullable WeakReference<Buffer>> constants = new ArrayList<>();

    @Nullable Recording recording;
    boolean compared;
    boolean refused;

    Use(KernelSequence sequence, List<? extends Buffer> arguments) {
      for (int i = 0; i < arguments.size(); i++) {
        boolean constant = sequence.arguments().get(i).constant();
        constants.add(constant ? new WeakReference<>(arguments.get(i)) : null);
      }
    }

    boolean isOf(List<? extends Buffer> arguments) {
      for (int i = 0; i < constants.size(); i++) {
        WeakReference<Buffer> constant = constants.get(i);
        if (constant != null && !arguments.get(i).equals(constant.get())) {
          return false;
        }
      }
      return true;
    }

    void close() {
      if (recording != null) {
        recording.close();
        recording = null;
      }
    }
  }

  RecordedSequence(Gpu gpu, Recordings recordings, KernelSequence sequence) {
    this.gpu = gpu;
    this.recordings = recordings;
    this.sequence = sequence;
  }

  @Override
  public boolean run(List<? extends Buffer> arguments, List<? extends Buffer> results) {
    synchronized (recordings) {
      Use use = lastUse(arguments);
      if (use == null) {
        add(new Use(sequence, arguments));
        return false;
      }
      if (use.refused) {
        return false;
      }
      try {
        return run(use, arguments, results);
      } catch (CudaException | OutOfMemoryError e) {
        refuse(use, String.valueOf(e.getMessage()));
        return false;
      }
    }
  }

  private @Nullable Use lastUse(List<? extends Buffer> arguments) {
    for (Use use : uses) {
      if (use.isOf(arguments)) {
        uses.remove(use);
        uses.add(use);
        return use;
      }
    }
    return null;
  }

  private void add(Use use) {
    if (uses.size() == MOST) {
      uses.removeFirst().close();
    }
    uses.add(use);
  }

  private void refuse(Use use, String reason) {
    use.refused = true;
    use.close();
    recordings.refused(reason);
  }

  private boolean run(Use use, List<? extends Buffer> arguments, List<? extends Buffer> results) {
    Recording recording = use.recording;
    if (recording == null || !recording.isUsable()) {
      use.close();
      use.compared = false;
      use.recording = recordings.record(sequence, arguments);
      return false;
    }
    recording.run(arguments, results);
    if (!use.compared && !isEqual(arguments, results)) {
      refuse(use, "a recording gives other numbers than its kernels one by one");
      return false;
    }
    use.compared = true;
    return true;
  }

  /** Whether the kernels, one by one, give the same bits. */
  private boolean isEqual(List<? extends Buffer> arguments, List<? extends Buffer> results) {
    List<GpuBuffer> others = new ArrayList<>();
    try (Workspace workspace = recordings.borrow(sequence.workspaceBytes())) {
      for (long bytes : sequence.resultBytes()) {
        others.add(GpuBuffer.allocate(gpu, bytes));
      }
      sequence.bind(arguments, others, workspace.buffer()).forEach(BoundKernel::run);
      for (int i = 0; i < others.size(); i++) {
        if (results.get(i).toHost().mismatch(others.get(i).toHost()) >= 0) {
          return false;
        }
      }
      return true;
    } finally {
      others.forEach(GpuBuffer::free);
    }
  }
}
