package io.github.f2d4j.model.cli;

import io.github.f2d4j.model.origin.LibraryVersion;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Entry point of the command line. */
@Command(
    name = "f2d",
    description =
        "Makes pictures of a person in any scene, from one photo of the face and a prompt.",
    mixinStandardHelpOptions = true,
    versionProvider = F2d.Version.class,
    synopsisSubcommandLabel = "COMMAND",
    subcommands = {
      DemoCommand.class,
      GenerateCommand.class,
      EncodeCommand.class,
      ReplayCommand.class,
      ConvertCommand.class,
      InspectCommand.class,
      PlanCommand.class,
      DoctorCommand.class,
      MakeRandomModelCommand.class,
      CommandLine.HelpCommand.class
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:done",
      "1:a fault of f2d itself; please report it",
      "2:wrong options or arguments",
      "3:the photo, the landmarks or the prompt cannot be used",
      "4:the model folder or its weights cannot be used",
      "5:not enough memory",
      "6:a file could not be read or written",
      "7:doctor found something that keeps f2d from running",
      "8:replay: the picture cannot be made again as it was",
      "130:cancelled"
    })
public final class F2d {
  private F2d() {}

  /** Runs one command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    StandardError.restore();
    System.exit(run(args));
  }

  /** Runs one command and returns its exit code. */
  static int run(String... args) {
    CommandLine line = commandLine();
    try {
      return line.execute(args);
    } catch (ExceptionInInitializerError e) {
      // What is decided once per JVM is decided when a class is first used.
      if (e.getCause() instanceof IllegalArgumentException wrong) {
        line.getErr().println("f2d: " + wrong.getMessage());
        line.getErr().flush();
        return ExitCode.USAGE.code();
      }
      throw e;
    }
  }

  private static CommandLine commandLine() {
    return new CommandLine(new F2d())
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setExecutionExceptionHandler(
            (exception, line, parsed) -> {
              Failure failure = Failure.of(exception);
              PrintWriter err = line.getErr();
              err.println("f2d: " + failure.message());
              if (failure.code() == ExitCode.INTERNAL) {
                exception.printStackTrace(err);
              }
              err.flush();
              return failure.code().code();
            });
  }

  /** The version of the library. */
  static final class Version implements CommandLine.IVersionProvider {
    @Override
    public String[] getVersion() {
      return new String[] {LibraryVersion.NAME_AND_VERSION};
    }
  }
}
