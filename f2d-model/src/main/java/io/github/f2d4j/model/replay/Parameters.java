package io.github.f2d4j.model.replay;

import io.github.f2d4j.model.pipeline.GenerationRequest;
import io.github.f2d4j.model.scheduler.SchedulerKind;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The text that image tools read: the convention of AUTOMATIC1111's web UI, {@code
 * create_infotext}. The prompt, then where there is one a line with the negative prompt, then one
 * line of settings. Meant for people and other programs; {@link RecordJson} is the record.
 */
final class Parameters {
  static final String KEYWORD = "parameters";
  private static final String NEGATIVE = "\nNegative prompt: ";
  private static final int HASH_DIGITS = 10;

  private Parameters() {}

  static String of(GenerationRecord record) {
    GenerationRequest r = record.request();
    String negative = r.negativePrompt().isEmpty() ? "" : NEGATIVE + r.negativePrompt();
    return r.prompt() + negative + "\n" + settings(record);
  }

  /** That text as a PNG file gives it back: without NUL and without halves of characters. */
  static String stored(GenerationRecord record) {
    byte[] bytes = of(record).replace('\0', ' ').getBytes(StandardCharsets.UTF_8);
    return new String(bytes, StandardCharsets.UTF_8);
  }

  private static String settings(GenerationRecord record) {
    GenerationRequest r = record.request();
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("Steps", String.valueOf(r.steps()));
    settings.put("Sampler", sampler(r.scheduler()));
    settings.put("CFG scale", number(r.guidanceScale() == null ? 1 : r.guidanceScale()));
    settings.put("Seed", Long.toString(r.seed()));
    settings.put("Size", r.width() + "x" + r.height());
    String unet = record.weights().get("unet");
    if (unet != null) {
      settings.put("Model hash", unet.substring(0, HASH_DIGITS));
    }
    if (r.eta() > 0) {
      settings.put("Eta", number(r.eta()));
    }
    settings.put("Version", "f2d4j " + record.version());
    return settings.entrySet().stream()
        .map(e -> e.getKey() + ": " + quoted(e.getValue()))
        .collect(Collectors.joining(", "));
  }

  /** {@code infotext_utils.quote}: a value with a comma, a colon or a line break is JSON text. */
  private static String quoted(String value) {
    return value.contains(",") || value.contains("\n") || value.contains(":")
        ? '"' + value.replace("\\", "\\\\").replace("\"", "\\\"") + '"'
        : value;
  }

  /** 7 rather than 7.0, as the convention has it. */
  private static String number(double value) {
    return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }

  /** The samplers' names there. */
  private static String sampler(SchedulerKind kind) {
    return switch (kind) {
      case EULER_ANCESTRAL -> "Euler a";
      case EULER -> "Euler";
      case DDIM -> "DDIM";
      case PNDM -> "PLMS";
      case DPM_SOLVER_2M -> "DPM++ 2M";
      case DPM_SOLVER_2M_KARRAS -> "DPM++ 2M Karras";
      case LMS -> "LMS";
      case DDPM -> "DDPM";
    };
  }

  /**
   * The prompt, the negative prompt and the settings of such a text, each by its name; what is not
   * there is empty.
   */
  static Map<String, String> parse(String text) {
    int last = text.lastIndexOf('\n');
    String settings = last < 0 ? "" : text.substring(last + 1);
    String prompts = last < 0 ? text : text.substring(0, last);
    int negative = prompts.indexOf(NEGATIVE);
    Map<String, String> parsed = new LinkedHashMap<>();
    parsed.put("prompt", negative < 0 ? prompts : prompts.substring(0, negative));
    parsed.put(
        "negative prompt", negative < 0 ? "" : prompts.substring(negative + NEGATIVE.length()));
    for (String setting : settings.split(", ", -1)) {
      int colon = setting.indexOf(": ");
      if (colon > 0) {
        parsed.put(setting.substring(0, colon), setting.substring(colon + 2));
      }
    }
    return parsed;
  }
}
