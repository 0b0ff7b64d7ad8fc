package io.github.f2d4j.benchmarks.compare;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** The running process of a contender, as the comparison sees it. */
final class Remote implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(2);

  private final Contender contender;
  private final ProcessBuilder builder;
  private Process process;
  private BufferedWriter commands;
  private BlockingQueue<String> answers = new LinkedBlockingQueue<>();
  private String description;

  /** An answer that is not {@code ok}; the text says why. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String reason) {
      super(reason);
    }
  }

  /** What {@link #time} measured: seconds of a call, and how many calls there were. */
  record Timing(double seconds, int calls) {}

  /** Bytes of memory that are resident now, and were at most. */
  record Memory(long now, long peak) {}

  private Remote(Contender contender, ProcessBuilder builder) throws IOException, Refused {
    this.contender = contender;
    this.builder = builder;
    this.process = builder.start();
    this.commands = writer(process);
    this.description = greet();
  }

  private static BufferedWriter writer(Process process) {
    return new BufferedWriter(
        new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
  }

  /** Starts the process again if it has ended. */
  void revive() throws IOException, Refused {
    if (!process.isAlive()) {
      answers = new LinkedBlockingQueue<>();
      process = builder.start();
      commands = writer(process);
      description = greet();
    }
  }

  /** Waits until the process says what it is. */
  private String greet() throws Refused {
    Process started = process;
    BlockingQueue<String> queue = answers;
    Thread reader = new Thread(() -> read(started, queue), "answers of " + contender.name());
    reader.setDaemon(true);
    reader.start();
    String ready = await(START);
    if (!ready.startsWith("ready ")) {
      process.destroyForcibly();
      throw new Refused(ready);
    }
    return ready.substring("ready ".length());
  }

  /**
   * Starts a contender's process with the class path of this one.
   *
   * @param log what it and its libraries print
   */
  static Remote start(Contender contender, NetworkFiles networks, Launch launch, Path log)
      throws IOException, Refused {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(launch.flags());
    command.addAll(contender.jvmFlags());
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(ContenderProcess.class.getName());
    command.add(contender.name());
    command.addAll(networks.arguments());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().putAll(contender.environment());
    builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return new Remote(contender, builder);
  }

  /**
   * What all contenders' JVMs start with.
   *
   * @param flags flags of the JVM
   */
  record Launch(List<String> flags) {
    Launch {
      flags = List.copyOf(flags);
    }

    /** The flags with which {@code f2d} starts, for this many threads. */
    static Launch of(int threads, long memoryBytes) {
      return new Launch(
          List.of(
              "--add-modules",
              "jdk.incubator.vector",
              "--enable-native-access=ALL-UNNAMED",
              "-XX:MaxDirectMemorySize=" + memoryBytes / 100 * 85,
              "-Xmx2g",
              "-XX:+UseParallelGC",
              "-XX:-UsePerfData",
              "-Df2d4j.threads=" + threads));
    }
  }

  private static void read(Process process, BlockingQueue<String> answers) {
    try (BufferedReader in =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = in.readLine()) != null) {
        if (line.startsWith(ContenderProcess.MARK)) {
          answers.add(line.substring(ContenderProcess.MARK.length()));
        }
      }
    } catch (IOException e) {
      answers.add("failed " + e);
    }
    answers.add("failed the process ended");
  }

  Contender contender() {
    return contender;
  }

  /** What the process says of itself. */
  String description() {
    return description;
  }

  boolean isAlive() {
    return process.isAlive();
  }

  private String await(Duration limit) {
    try {
      return Optional.ofNullable(answers.poll(limit.toMillis(), TimeUnit.MILLISECONDS))
          .orElseGet(
              () -> {
                process.destroyForcibly();
                return "failed no answer within " + limit.toSeconds() + " s, stopped";
              });
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      return "failed interrupted";
    }
  }

  private String[] ask(String command, Duration limit) throws Refused {
    String answer;
    try {
      commands.write(command);
      commands.newLine();
      commands.flush();
      answer = await(limit);
    } catch (IOException e) {
      answer = "failed " + e.getMessage();
    }
    if (!answer.equals("ok") && !answer.startsWith("ok ")) {
      throw new Refused(answer);
    }
    return answer.substring(2).strip().split(" ", -1);
  }

  /** Makes a workload ready; returns the seconds it took. */
  double prepare(Workload workload, Duration limit) throws Refused {
    return Double.parseDouble(ask("prepare " + workload.name(), limit)[0]);
  }

  /** The result of one run. */
  float[] result(Path scratch, Duration limit) throws IOException, Refused {
    Path file = scratch.resolve(contender.name() + ".f32");
    ask("result " + file, limit);
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    Files.delete(file);
    float[] values = new float[bytes.remaining() / 4];
    bytes.asFloatBuffer().get(values);
    return values;
  }

  /** Runs for at least this long, and at least once. */
  Timing time(Duration atLeast, Duration limit) throws Refused {
    String[] answer = ask("time " + atLeast.toNanos(), limit);
    return new Timing(Double.parseDouble(answer[0]), Integer.parseInt(answer[1]));
  }

  Memory memory() throws Refused {
    String[] answer = ask("memory", START);
    return new Memory(Long.parseLong(answer[0]), Long.parseLong(answer[1]));
  }

  /** What the library chose for the workload. */
  String settings() throws Refused {
    return String.join(" ", ask("settings", START));
  }

  /** From here on counts the peak that {@link #memory} tells. */
  void mark() throws Refused {
    ask("mark", START);
  }

  void release() throws Refused {
    ask("release", START);
  }

  @Override
  public void close() {
    try {
      commands.close();
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (IOException e) {
      process.destroyForcibly();
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
