package io.github.f2d4j.weights.convert;

import java.util.function.BooleanSupplier;

/**
 * How a {@link Conversion} works.
 *
 * @param layout configurations, tokenizer and scheduler that come before those of the inputs; may
 *     be {@link ModelLayout#empty()}
 * @param defaults those for what neither the layout nor an input has
 * @param dtype the element type to write
 * @param ema whether the denoiser of a single file is its running average ({@code model_ema.*})
 * @param predictionType what the scheduler's settings are to say, such as {@code v_prediction};
 *     empty to leave them
 * @param overwrite whether files in the output that no conversion of these inputs wrote are
 *     replaced
 * @param check what each part must pass before anything is written
 * @param stop asked often; true ends the conversion
 */
public record ConversionOptions(
    ModelLayout layout,
    ModelLayout defaults,
    TargetType dtype,
    boolean ema,
    String predictionType,
    boolean overwrite,
    PartCheck check,
    BooleanSupplier stop) {

  /** Keeps element types and takes what the inputs lack from {@code defaults}. */
  public static ConversionOptions withDefaults(ModelLayout defaults) {
    return new ConversionOptions(
        ModelLayout.empty(),
        defaults,
        TargetType.KEEP,
        false,
        "",
        false,
        PartCheck.NONE,
        () -> false);
  }

  /** The same with configurations that come before those of the inputs. */
  public ConversionOptions layout(ModelLayout value) {
    return new ConversionOptions(
        value, defaults, dtype, ema, predictionType, overwrite, check, stop);
  }

  /** The same with another element type. */
  public ConversionOptions dtype(TargetType value) {
    return new ConversionOptions(
        layout, defaults, value, ema, predictionType, overwrite, check, stop);
  }

  /** The same with running averages, or without. */
  public ConversionOptions ema(boolean value) {
    return new ConversionOptions(
        layout, defaults, dtype, value, predictionType, overwrite, check, stop);
  }

  /** The same with another prediction type. */
  public ConversionOptions predictionType(String value) {
    return new ConversionOptions(layout, defaults, dtype, ema, value, overwrite, check, stop);
  }

  /** The same with leave to replace files, or without. */
  public ConversionOptions overwrite(boolean value) {
    return new ConversionOptions(layout, defaults, dtype, ema, predictionType, value, check, stop);
  }

  /** The same with another check. */
  public ConversionOptions check(PartCheck value) {
    return new ConversionOptions(
        layout, defaults, dtype, ema, predictionType, overwrite, value, stop);
  }

  /** The same with another question whether to stop. */
  public ConversionOptions stop(BooleanSupplier value) {
    return new ConversionOptions(
        layout, defaults, dtype, ema, predictionType, overwrite, check, value);
  }
}
