package io.github.f2d4j.weights.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AtomicFileTest {
  @TempDir Path folder;

  private static void write(FileChannel out, String text) throws IOException {
    int written = out.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    assertEquals(text.length(), written);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(f -> f.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void theContentAppearsAsAWhole() throws Exception {
    Path target = folder.resolve("file");
    AtomicFile.write(
        target,
        out -> {
          write(out, "half ");
          assertTrue(Files.notExists(target), "not before it is complete");
          write(out, "and half");
        });
    assertEquals("half and half", Files.readString(target));
    assertEquals(List.of("file"), names());
  }

  /** The messages of the systems, thrown where a channel would throw them. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "No space left on device",
        "Disk quota exceeded",
        "There is not enough space on the disk"
      })
  void aFullDiskGivesOneClearMessageAndNoDebris(String system) throws Exception {
    Path target = Files.writeString(folder.resolve("file"), "before");
    IOException full = new IOException(system);
    FileSystemException e =
        assertThrows(
            FileSystemException.class,
            () ->
                AtomicFile.write(
                    target,
                    out -> {
                      write(out, "half");
                      throw full;
                    }));
    assertEquals(target.toString(), e.getFile());
    assertTrue(e.getReason().contains("No space left") && e.getReason().contains("free in"));
    assertSame(full, e.getCause());
    assertEquals(List.of("file"), names());
    assertEquals("before", Files.readString(target));
  }

  @Test
  void anyOtherFailureIsPassedOnAndLeavesNothing() throws Exception {
    IOException failure = new IOException("the source has gone");
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                AtomicFile.write(
                    folder.resolve("file"),
                    out -> {
                      write(out, "half");
                      throw failure;
                    }));
    assertSame(failure, e);
    assertEquals(List.of(), names());
  }

  @Test
  void aFolderIsNoFile() {
    String message =
        assertThrows(IOException.class, () -> AtomicFile.write(folder, out -> {})).getMessage();
    assertTrue(message.contains("is a folder"), message);
    Path nowhere = folder.resolve("none/file");
    message =
        assertThrows(IOException.class, () -> AtomicFile.write(nowhere, out -> {})).getMessage();
    assertTrue(message.contains("create it first"), message);
  }
}
