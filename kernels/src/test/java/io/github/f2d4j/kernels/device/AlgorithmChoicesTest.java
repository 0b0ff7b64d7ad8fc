package io.github.f2d4j.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which algorithm was fastest, on disk. */
class AlgorithmChoicesTest {
  @TempDir Path folder;

  private Path file() {
    return folder.resolve("below").resolve("cudnn.txt");
  }

  private AlgorithmChoices choices(String machine) {
    return new AlgorithmChoices(file(), machine);
  }

  private static ConvolutionSpec spec(int batch) {
    return ConvolutionSpec.square(
        ConvolutionSpec.Type.FLOAT16,
        ConvolutionSpec.Layout.NHWC,
        ConvolutionSpec.MathType.TENSOR_CORES,
        batch,
        320,
        64,
        48,
        640,
        3,
        1,
        1);
  }

  @Test
  void choicesBelongToGpuDriverAndLibrary() throws IOException {
    assertNull(choices("GPU A, driver 12040, cuDNN 90100").get(spec(1)));
    assertEquals(6, choices("GPU  A, driver 12040, cuDNN 90100").add(spec(1), 6));
    assertEquals(6, choices("GPU A, driver 12040, cuDNN 90100").get(spec(1)));
    assertNull(choices("GPU A, driver 12040, cuDNN 90100").get(spec(2)));
    assertNull(choices("GPU A, driver 12040, cuDNN 90200").get(spec(1)));
    assertEquals(
        List.of(
            "FLOAT16 NHWC TENSOR_CORES 1x64x48x320 -> 640 by 3x3 pad 1x1 stride 1x1 dilation 1x1"
                + " : 6 on GPU A, driver 12040, cuDNN 90100"),
        Files.readAllLines(file()));
  }

  @Test
  void theFirstAnswerStays() {
    choices("m").add(spec(1), 1);
    assertEquals(1, choices("m").add(spec(1), 7));
    assertEquals(1, choices("m").get(spec(1)));
  }

  @Test
  void damageCostsOnlyTheLinesItHit() throws IOException {
    choices("m").add(spec(1), 1);
    Files.writeString(file(), "\0\u0001 : x on\n" + Files.readString(file()));
    assertEquals(1, choices("m").get(spec(1)));
    choices("m").add(spec(2), 2);
    assertEquals(2, Files.readAllLines(file()).size());
  }

  @Test
  void aFolderThatCannotBeMadeCostsTheChoiceAlone() throws IOException {
    Path inTheWay = Files.writeString(folder.resolve("file"), "x");
    AlgorithmChoices choices = new AlgorithmChoices(inTheWay.resolve("cudnn.txt"), "m");
    assertNull(choices.get(spec(1)));
    assertEquals(3, choices.add(spec(1), 3));
    assertTrue(Files.isRegularFile(inTheWay));
  }
}
