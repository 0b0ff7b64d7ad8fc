package io.github.f2d4j.model.replay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.drew.imaging.png.PngMetadataReader;
import com.drew.metadata.Metadata;
import com.drew.metadata.xmp.XmpDirectory;
import io.github.f2d4j.model.image.PngWriter;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.origin.LibraryVersion;
import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.scheduler.SchedulerConfig;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import java.io.ByteArrayInputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The texts that other tools read. */
class ParametersTest {
  /** {@code re_param} of AUTOMATIC1111's {@code modules/infotext_utils.py}. */
  private static final Pattern RE_PARAM =
      Pattern.compile("\\s*(\\w[\\w \\-/]+):\\s*(\"(?:\\\\.|[^\\\\\"])+\"|[^,]*)(?:,|$)");

  private static GenerationRecord record(GenerationRequest.Builder request) {
    return new GenerationRecord(
        "1.2.3",
        "cpu",
        request.build(),
        GenerationRecord.TORCH_CPU,
        SchedulerConfig.stableDiffusion(),
        new TreeMap<>(Map.of("unet", "0123456789abcdef".repeat(4))),
        "0".repeat(64),
        "0".repeat(64),
        null);
  }

  private static GenerationRequest.Builder request() {
    return GenerationRequest.of("a photo of f l").steps(30).guidanceScale(7).size(512, 768).seed(3);
  }

  @Test
  void followsTheConvention() {
    assertEquals(
        """
        a photo of f l
        Steps: 30, Sampler: Euler a, CFG scale: 7, Seed: 3, Size: 512x768, \
        Model hash: 0123456789, Version: f2d4j 1.2.3\
        """,
        Parameters.of(record(request())));
    assertEquals(
        """
        a photo of f l
        Negative prompt: ugly, bad
        Steps: 30, Sampler: DDIM, CFG scale: 7.5, Seed: -1, Size: 512x768, \
        Model hash: 0123456789, Eta: 0.25, Version: f2d4j 1.2.3\
        """,
        Parameters.of(
            record(
                request()
                    .negativePrompt("ugly, bad")
                    .scheduler(SchedulerKind.DDIM)
                    .guidanceScale(7.5)
                    .seed(-1)
                    .eta(0.25))));
  }

  @Test
  void theConventionsParserReadsEverySampler() {
    for (SchedulerKind kind : SchedulerKind.values()) {
      String text = Parameters.of(record(request().scheduler(kind)));
      Matcher m = RE_PARAM.matcher(text.lines().toList().getLast());
      Map<String, String> read = new LinkedHashMap<>();
      while (m.find()) {
        read.put(m.group(1), m.group(2));
      }
      assertEquals("30", read.get("Steps"));
      assertEquals("512x768", read.get("Size"));
      assertEquals(7, read.size());
      Map<String, String> own = Parameters.parse(text);
      read.forEach((key, value) -> assertEquals(value, own.get(key)));
    }
  }

  /** By a reader of another maker. */
  @Test
  void xmpSaysThatAModelMadeIt() throws Exception {
    RgbImage image = RgbImage.of(1, 1, new byte[3]);
    byte[] png = PngWriter.encode(image, record(request()).texts());
    Metadata metadata = PngMetadataReader.readMetadata(new ByteArrayInputStream(png));
    Map<String, String> xmp = new TreeMap<>();
    for (XmpDirectory d : metadata.getDirectoriesOfType(XmpDirectory.class)) {
      xmp.putAll(d.getXmpProperties());
    }
    assertEquals(
        "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia",
        xmp.get("Iptc4xmpExt:DigitalSourceType"));
    assertEquals("f2d4j " + LibraryVersion.VERSION, xmp.get("xmp:CreatorTool"));
    assertTrue(Xmp.packet().endsWith("<?xpacket end=\"r\"?>"));
  }
}
