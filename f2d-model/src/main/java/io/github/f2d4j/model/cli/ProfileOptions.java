package io.github.f2d4j.model.cli;

import picocli.CommandLine.Option;

/** Whether to say where the time goes. */
final class ProfileOptions {
  @Option(
      names = "--profile",
      description =
          "Also print where the time goes: loading, encoders, every step, decoding, and the kernels"
              + " of the steps.")
  private boolean profile;

  /** What is to follow the run. */
  RunProfile start() {
    return new RunProfile(profile);
  }
}
