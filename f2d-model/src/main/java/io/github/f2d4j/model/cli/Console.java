package io.github.f2d4j.model.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Map;
import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * What a command says: results on standard output, everything else on standard error, so that
 * output can be piped.
 */
final class Console {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
  private static final int REFRESH_MILLIS = 200;

  private final boolean quiet;
  private final boolean json;
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;

  Console(boolean quiet, boolean json) {
    this.quiet = quiet;
    this.json = json;
  }

  /** Tells the user something on the way. */
  void say(String message) {
    if (!quiet && !json) {
      err.println(message);
    }
  }

  /** Tells the user of something that may not be as they want it. */
  void warn(String message) {
    if (!quiet) {
      err.println("warning: " + message);
    }
  }

  /** The result: as JSON, else as text, unless quiet. */
  void result(String text, Map<String, ?> object) {
    if (json) {
      try {
        out.println(JSON.writeValueAsString(object));
      } catch (JsonProcessingException e) {
        throw new IllegalStateException("a result that JSON cannot hold: " + object, e);
      }
    } else if (!quiet) {
      out.println(text);
    }
    out.flush();
  }

  /** Progress with the time left: a bar on a terminal, a line now and then in a log. */
  Progress progress(String task, long steps) {
    if (quiet || json) {
      return new SilentProgress();
    }
    return isTerminal() ? new BarProgress(bar(task, steps)) : new LineProgress(task, steps, err);
  }

  @SuppressWarnings("SystemConsoleNull") // JDK 25 gives null again where there is no terminal.
  private static boolean isTerminal() {
    java.io.Console console = System.console();
    return console != null && console.isTerminal();
  }

  private ProgressBar bar(String task, long steps) {
    return new ProgressBarBuilder()
        .setTaskName(task)
        .setInitialMax(steps)
        .setStyle(ProgressBarStyle.ASCII)
        .setUpdateIntervalMillis(REFRESH_MILLIS)
        .setUnit(" steps", 1)
        .setConsumer(new ConsoleProgressBarConsumer(err))
        .build();
  }

  /** Progress towards a known number of steps. */
  sealed interface Progress extends AutoCloseable {
    /** So many steps are done. */
    void at(long step);

    @Override
    void close();
  }

  private record SilentProgress() implements Progress {
    @Override
    public void at(long step) {}

    @Override
    public void close() {}
  }

  private record BarProgress(ProgressBar bar) implements Progress {
    @Override
    public void at(long step) {
      bar.stepTo(step);
    }

    @Override
    public void close() {
      bar.close();
    }
  }

  private static final class LineProgress implements Progress {
    private static final long INTERVAL_NANOS = 10_000_000_000L;

    private final String task;
    private final long steps;
    private final PrintStream err;
    private final long start = System.nanoTime();
    private long lastLine = start;

    LineProgress(String task, long steps, PrintStream err) {
      this.task = task;
      this.steps = steps;
      this.err = err;
    }

    @Override
    public void at(long step) {
      long now = System.nanoTime();
      if (step > 0 && now - lastLine >= INTERVAL_NANOS) {
        lastLine = now;
        Duration left = Duration.ofNanos((now - start) / step * (steps - step));
        err.println(task + ": step " + step + " of " + steps + ", " + time(left) + " left");
      }
    }

    @Override
    public void close() {}
  }

  /** For example {@code 4.2 s} or {@code 3 min 7 s}. */
  static String time(Duration d) {
    return d.toMinutes() > 0
        ? d.toMinutes() + " min " + d.toSecondsPart() + " s"
        : "%.1f s".formatted(d.toMillis() / 1e3);
  }
}
