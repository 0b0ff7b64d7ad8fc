package io.github.f2d4j.benchmarks.compare;

import io.github.f2d4j.benchmarks.compare.Contender.Networks;
import io.github.f2d4j.benchmarks.compare.Contender.Prepared;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.ServiceLoader;
import org.jspecify.annotations.Nullable;

/**
 * The process of one contender. It reads commands, one a line, and answers each with one line that
 * starts with {@value #MARK}; whatever libraries print beside that goes to standard error.
 *
 * <pre>
 * prepare WORKLOAD   makes it ready             → ok SECONDS
 * result FILE        writes float32 values      → ok COUNT
 * time NANOSECONDS   runs at least that long    → ok SECONDS-A-CALL CALLS
 * settings           what the library chose     → ok TEXT
 * mark               starts the peak of memory  → ok
 * memory             resident now and at most   → ok BYTES BYTES
 * release            forgets the workload       → ok
 * </pre>
 *
 * Or: {@code unsupported REASON}, {@code failed REASON}. The end of the input ends the process.
 */
public final class ContenderProcess {
  /** What an answer starts with. */
  static final String MARK = "@@ ";

  private final Contender contender;
  private final Networks networks;
  private final PrintStream answers;
  private @Nullable Prepared prepared;

  private ContenderProcess(Contender contender, Networks networks, PrintStream answers) {
    this.contender = contender;
    this.networks = networks;
    this.answers = answers;
  }

  /**
   * Serves until the input ends.
   *
   * @param args the contender's name; then scratch=FOLDER, and NET=FOLDER and NET.onnx=FILE for the
   *     networks
   */
  public static void main(String[] args) throws IOException {
    PrintStream answers = System.out;
    System.setOut(System.err);
    Contender contender = named(args[0]);
    Networks networks = NetworkFiles.parse(java.util.List.of(args).subList(1, args.length));
    new ContenderProcess(contender, networks, answers).serve();
  }

  /** The contender of that name. */
  static Contender named(String name) {
    for (Contender c : ServiceLoader.load(Contender.class)) {
      if (c.name().equals(name)) {
        return c;
      }
    }
    throw new IllegalArgumentException("no contender is called " + name);
  }

  private void serve() throws IOException {
    answer("ready " + contender.describe());
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    String line;
    while ((line = in.readLine()) != null) {
      try {
        answer(obey(line));
      } catch (UnsupportedWorkloadException e) {
        answer("unsupported " + e.getMessage());
      } catch (IOException | RuntimeException | OutOfMemoryError | LinkageError e) {
        e.printStackTrace();
        answer("failed " + e);
      }
    }
  }

  private void answer(String text) {
    answers.println(MARK + text.lines().findFirst().orElse(""));
    answers.flush();
  }

  private String obey(String line) throws IOException {
    String[] parts = line.split(" ", 2);
    String argument = parts.length == 2 ? parts[1] : "";
    return switch (parts[0]) {
      case "prepare" -> {
        long start = System.nanoTime();
        prepared = contender.prepare(Workload.parse(argument), networks);
        yield String.format(Locale.ROOT, "ok %.3f", (System.nanoTime() - start) / 1e9);
      }
      case "result" -> {
        float[] values = current().result();
        write(Path.of(argument), values);
        yield "ok " + values.length;
      }
      case "time" -> time(Long.parseLong(argument));
      case "settings" -> "ok " + current().settings();
      case "mark" -> {
        Path peak = Path.of("/proc/self/clear_refs");
        if (Files.isWritable(peak)) {
          Files.writeString(peak, "5");
        }
        yield "ok";
      }
      case "memory" -> "ok " + status("VmRSS:") + " " + status("VmHWM:");
      case "release" -> {
        if (prepared != null) {
          prepared.close();
        }
        prepared = null;
        System.gc();
        yield "ok";
      }
      default -> "failed unknown command " + line;
    };
  }

  private Prepared current() {
    if (prepared == null) {
      throw new IllegalStateException("nothing is prepared");
    }
    return prepared;
  }

  private String time(long nanos) {
    Prepared p = current();
    int calls = 0;
    long start = System.nanoTime();
    long spent;
    do {
      p.run();
      calls++;
      spent = System.nanoTime() - start;
    } while (spent < nanos);
    return String.format(Locale.ROOT, "ok %.9f %d", spent / 1e9 / calls, calls);
  }

  private static void write(Path file, float[] values) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    try (FileChannel out =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }

  /** A size that Linux tells of this process, in bytes; 0 elsewhere. */
  private static long status(String key) throws IOException {
    Path file = Path.of("/proc/self/status");
    if (!Files.isReadable(file)) {
      return 0;
    }
    for (String line : Files.readAllLines(file)) {
      if (line.startsWith(key)) {
        return 1024 * Long.parseLong(line.replaceAll("\\D", ""));
      }
    }
    return 0;
  }
}
