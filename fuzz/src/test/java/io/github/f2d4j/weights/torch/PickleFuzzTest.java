package io.github.f2d4j.weights.torch;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pickles of PyTorch checkpoints. Input: the first byte says what the rest is: 0 a pickle, 1 a
 * {@link PickleProgram} that makes one, both for an archive that holds the storages 0 to 3 of 64
 * bytes; else a file of the format before 1.6. What must hold: see {@link Checkpoints}.
 */
class PickleFuzzTest {
  private static final byte[] STORAGE = new byte[64];

  @TempDir private static Path folder;

  static {
    for (int i = 0; i < STORAGE.length; i++) {
      STORAGE[i] = (byte) i;
    }
  }

  @FuzzTest
  void pickle(byte[] input) throws Exception {
    if (input.length == 0) {
      return;
    }
    byte[] rest = Arrays.copyOfRange(input, 1, input.length);
    byte[] file =
        switch (input[0]) {
          case 0 -> archive(rest);
          case 1 -> archive(PickleProgram.pickle(rest, 0));
          default -> rest;
        };
    Checkpoints.check(file, folder);
  }

  private static byte[] archive(byte[] pickle) {
    return StoredArchive.of(
        List.of(
            Map.entry("a/data.pkl", pickle),
            Map.entry("a/data/0", STORAGE),
            Map.entry("a/data/1", STORAGE),
            Map.entry("a/data/2", STORAGE),
            Map.entry("a/data/3", STORAGE)));
  }
}
