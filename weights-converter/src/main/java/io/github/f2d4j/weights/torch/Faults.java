package io.github.f2d4j.weights.torch;

import java.nio.file.Path;

/** Makes the complaints about one file. */
record Faults(Path file) {
  /** The remedy where the bytes make no sense. */
  static final String DAMAGED =
      "The file is damaged, cut short, or not what torch.save writes; fetch it again";

  /** The remedy where the bytes ask for something that a checkpoint does not need. */
  static final String UNSAFE =
      "Nothing was run. Loading this file in Python may run code of its author; if you trust it,"
          + " save only its state dict there, or use a .safetensors file";

  /** The remedy where a file is too large or too odd to be a checkpoint. */
  static final String LIMIT =
      "No usual checkpoint comes near this limit; save only the state dict, or use a .safetensors"
          + " file";

  TorchFormatException refuse(String rule, String found, String expected, String remedy) {
    return new TorchFormatException(file, rule, found, expected, remedy);
  }

  TorchFormatException damaged(String rule, String found, String expected) {
    return refuse(rule, found, expected, DAMAGED);
  }

  TorchFormatException unsafe(String rule, String found, String expected) {
    return refuse(rule, found, expected, UNSAFE);
  }

  TorchFormatException limit(String rule, String found, String expected) {
    return refuse(rule, found, expected, LIMIT);
  }
}
