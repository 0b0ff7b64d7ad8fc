package io.github.f2d4j.weights.convert;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.f2d4j.fuzz.Attempt;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.io.TempDir;

/**
 * Records of conversions. Input: the file {@code conversion.json} of a folder that holds nothing
 * else.
 *
 * <p>A record is refused by {@link ConversionException} alone, or it names files inside of the
 * folder, all of which are then missing, and comes out equal when written and read again.
 */
class ConversionRecordFuzzTest {
  private static final int BYTES_PER_BYTE = 2000;

  @TempDir private static Path folder;

  @FuzzTest
  void record(byte[] input) throws Exception {
    Path given = Files.createDirectories(folder.resolve("given"));
    Files.write(given.resolve(ConversionRecord.NAME), input);
    long bound = (4L << 20) + (long) BYTES_PER_BYTE * input.length;
    Optional<Optional<ConversionRecord>> read =
        Attempt.of(ConversionException.class, bound, () -> ConversionRecord.read(given));
    if (read.isEmpty()) {
      return;
    }
    ConversionRecord record = read.get().orElseThrow();
    for (String path : record.files()) {
      assertTrue(given.resolve(path).normalize().startsWith(given), path);
      assertTrue(record.hash(path).bytes() >= 0);
    }
    FolderVerification verification = FolderVerification.of(given);
    assertEquals(record.files().size(), verification.missing().size());
    assertEquals(record.isComplete() && record.files().isEmpty(), verification.isGood());
    Path copy = Files.createDirectories(folder.resolve("copy"));
    record.write(copy);
    ConversionRecord again = ConversionRecord.read(copy).orElseThrow();
    assertEquals(record.toString(), again.toString());
    assertEquals(record.isComplete(), again.isComplete());
  }
}
