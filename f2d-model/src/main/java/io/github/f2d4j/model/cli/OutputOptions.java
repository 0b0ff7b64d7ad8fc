package io.github.f2d4j.model.cli;

import picocli.CommandLine.Option;

/** How a command talks. */
final class OutputOptions {
  @Option(
      names = {"-q", "--quiet"},
      description = "Print nothing but errors (and, with --json, the result).")
  boolean quiet;

  @Option(
      names = "--json",
      description = "Print the result as one JSON object on standard output; no progress.")
  boolean json;

  Console console() {
    return new Console(quiet, json);
  }
}
