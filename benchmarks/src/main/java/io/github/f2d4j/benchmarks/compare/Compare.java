package io.github.f2d4j.benchmarks.compare;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.github.f2d4j.benchmarks.compare.Remote.Launch;
import io.github.f2d4j.benchmarks.compare.Remote.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.StringJoiner;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Compares this library with others and writes the result as Markdown, JSON and two plots. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    showDefaultValues = true,
    description =
        "Run this library and its peers in turns and write times, ratios and a roofline table.")
public final class Compare implements Callable<Integer> {
  @Parameters(
      arity = "0..1",
      description = "operators (a few minutes) or models (half an hour on 2 cores).")
  private String suite = "operators";

  @Option(
      names = "--contenders",
      split = ",",
      paramLabel = "NAME",
      description =
          "Who takes part; the others' results are compared with the first one's. All that are"
              + " there: --list. Default: f2d4j,libtorch-f32,onnxruntime-f32,libtorch-bf16, but"
              + " the last not in models where the processor has no bfloat16 arithmetic.")
  private List<String> contenders = List.of();

  @Option(names = "--list", description = "List contenders and workloads, and run nothing.")
  private boolean list;

  @Option(
      names = "--only",
      paramLabel = "REGEX",
      description = "Only workloads whose name contains this.")
  private String only = "";

  /** Turns of a contender whose calls take long, unless the user says how many. */
  private static final int LONG_ROUNDS = 3;

  @Option(names = "--rounds", description = "Turns of every contender (default: the suite's).")
  private int rounds;

  @Option(names = "--threads", description = "Threads of every contender; 0: one a processor.")
  private int threads;

  @Option(
      names = "--limit",
      paramLabel = "SECONDS",
      description =
          "A contender whose call takes longer is stopped; loading and the first call, in which"
              + " libraries choose and pack, may take four times as long (default: the suite's).")
  private int limitSeconds;

  @Option(
      names = "--together",
      paramLabel = "COUNT",
      description =
          "How many contenders at most hold a workload in memory at a time, at least 2; the first"
              + " one meets the others group by group (default: the suite's).")
  private int together;

  @Option(
      names = "--model",
      paramLabel = "FOLDER",
      description =
          "Model folder in diffusers' layout; a network it lacks gets random weights, kept in"
              + " --scratch.")
  private Path model = Path.of("random-sd14");

  @Option(
      names = "--onnx",
      paramLabel = "NET=FILE",
      description = "ONNX file of a network, such as unet=unet.onnx; may be repeated.")
  private Map<String, Path> onnx = Map.of();

  @Option(names = "--scratch", description = "Folder for random weights, results and logs.")
  private Path scratch = Path.of("target/compare");

  @Option(
      names = "--name",
      paramLabel = "TEXT",
      description = "The files are called DATE-compare-TEXT (default: the suite).")
  private String name = "";

  @Option(names = "--out", description = "Folder for the report.")
  private Path out = Path.of("docs/results");

  /** Runs, and ends the JVM with picocli's exit code. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new Compare()).execute(args));
  }

  @Override
  public Integer call() throws IOException {
    Suite chosen = Suite.valueOf(suite.toUpperCase(Locale.ROOT));
    if (list) {
      services().forEach(c -> System.out.println(c.name()));
      chosen.workloads().forEach(w -> System.out.println(w.name()));
      return 0;
    }
    int cores = threads > 0 ? threads : Runtime.getRuntime().availableProcessors();
    System.setProperty("f2d4j.threads", Integer.toString(cores));
    Machine machine = Machine.here();
    if (contenders.isEmpty()) {
      contenders = contenders(chosen, machine);
    }
    Files.createDirectories(scratch);
    Files.createDirectories(out);
    Pattern wanted = Pattern.compile(only);
    List<Workload> workloads =
        chosen.workloads().stream().filter(w -> wanted.matcher(w.name()).find()).toList();
    NetworkFiles networks = networks(workloads);
    List<Remote> remotes = new ArrayList<>();
    try {
      Map<String, String> described = start(remotes, networks, cores, machine);
      if (remotes.isEmpty()) {
        System.err.println("no contender could be started; see " + log());
        return 1;
      }
      Comparison comparison =
          new Comparison(
              remotes,
              new Comparison.Settings(
                  rounds > 0 ? rounds : chosen.rounds(),
                  rounds > 0 ? rounds : Math.min(LONG_ROUNDS, chosen.rounds()),
                  chosen.turn(),
                  chosen.warmUp(),
                  chosen.slow(),
                  limitSeconds > 0 ? Duration.ofSeconds(limitSeconds) : chosen.limit(),
                  together > 0 ? together : chosen.together(),
                  scratch.toAbsolutePath()),
              System.err::println);
      List<Row> rows = new ArrayList<>();
      for (Workload workload : workloads) {
        rows.addAll(comparison.measure(workload));
        write(chosen, new Report(title(chosen), now(), machine, cores, command(), described, rows));
      }
    } finally {
      remotes.forEach(Remote::close);
    }
    return 0;
  }

  private static List<String> contenders(Suite chosen, Machine machine) {
    List<String> float32 = List.of("f2d4j", "libtorch-f32", "onnxruntime-f32");
    if (chosen == Suite.MODELS && !machine.hasBfloat16()) {
      System.err.println(
          "left out: libtorch-bf16: this processor has no bfloat16 arithmetic, so networks take"
              + " minutes a call; ask for it by --contenders");
      return float32;
    }
    return Stream.concat(float32.stream(), Stream.of("libtorch-bf16")).toList();
  }

  private NetworkFiles networks(List<Workload> workloads) throws IOException {
    List<Net> nets =
        workloads.stream()
            .filter(w -> w instanceof Workload.Network)
            .map(w -> ((Workload.Network) w).net())
            .toList();
    Map<Net, Path> files = new EnumMap<>(Net.class);
    onnx.forEach((net, file) -> files.put(net(net), file.toAbsolutePath()));
    return NetworkFiles.prepare(
        nets, model.toAbsolutePath(), scratch.toAbsolutePath(), files, System.err::println);
  }

  private static Net net(String name) {
    for (Net net : Net.values()) {
      if (net.name().equalsIgnoreCase(name) || net.folder().equals(name)) {
        return net;
      }
    }
    throw new IllegalArgumentException(
        "no network is called " + name + "; there are " + List.of(Net.values()));
  }

  private static List<Contender> services() {
    return StreamSupport.stream(ServiceLoader.load(Contender.class).spliterator(), false).toList();
  }

  private Map<String, String> start(
      List<Remote> remotes, NetworkFiles networks, int cores, Machine machine) throws IOException {
    Launch launch = Launch.of(cores, machine.memoryBytes());
    Map<String, Contender> known = new LinkedHashMap<>();
    services().forEach(c -> known.put(c.name(), c));
    Map<String, String> described = new LinkedHashMap<>();
    for (String name : contenders) {
      Contender contender = known.get(name);
      if (contender == null) {
        System.err.println(
            "left out: " + name + " is not on the class path; there are " + known.keySet());
        continue;
      }
      try {
        Remote remote = Remote.start(contender, networks, launch, log());
        remotes.add(remote);
        described.put(name, remote.description());
        System.err.println(name + ": " + remote.description());
      } catch (Refused e) {
        System.err.println("left out: " + name + ": " + e.getMessage() + "; see " + log());
      }
    }
    return described;
  }

  private Path log() {
    return scratch.toAbsolutePath().resolve("contenders.log");
  }

  private void write(Suite chosen, Report report) throws IOException {
    String suffix = name.isEmpty() ? chosen.name().toLowerCase(Locale.ROOT) : name;
    String file = report.date().substring(0, 10) + "-compare-" + suffix;
    Files.writeString(out.resolve(file + ".md"), report.markdown());
    ObjectMapper json = new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);
    Files.writeString(out.resolve(file + ".json"), json.writeValueAsString(report) + "\n");
    Files.writeString(out.resolve(file + "-ratios.svg"), SvgPlot.ratios(report));
    Files.writeString(out.resolve(file + "-roofline.svg"), SvgPlot.roofline(report));
  }

  private static String title(Suite suite) {
    return suite == Suite.OPERATORS ? "Operators side by side" : "Networks side by side";
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** What repeats the run; folders by their names alone. */
  private String command() {
    StringJoiner command = new StringJoiner(" ");
    command
        .add("benchmarks/compare")
        .add(suite)
        .add("--contenders")
        .add(String.join(",", contenders));
    if (!only.isEmpty()) {
      command.add("--only '" + only + "'");
    }
    Map.of("--rounds", rounds, "--limit", limitSeconds, "--together", together).entrySet().stream()
        .filter(e -> e.getValue() > 0)
        .sorted(Map.Entry.comparingByKey())
        .forEach(e -> command.add(e.getKey()).add(Integer.toString(e.getValue())));
    if (suite.equalsIgnoreCase(Suite.MODELS.name())) {
      command.add("--model").add(String.valueOf(model.getFileName()));
    }
    return command.toString();
  }
}
