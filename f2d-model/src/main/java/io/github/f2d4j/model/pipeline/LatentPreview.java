package io.github.f2d4j.model.pipeline;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.random.TorchCpuNoise;
import io.github.f2d4j.model.image.RgbImage;
import io.github.f2d4j.model.vae.AutoencoderKl;
import io.github.f2d4j.model.vae.AutoencoderKlConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.apache.commons.math3.linear.Array2DRowRealMatrix;
import org.apache.commons.math3.linear.QRDecomposition;
import org.apache.commons.math3.linear.RealMatrix;

/**
 * Latents as small pictures, one pixel for each latent, by a linear map of channels to red, green
 * and blue: far cheaper than decoding.
 *
 * <p>For the autoencoder of Stable Diffusion 1.x the map is that of InvokeAI ({@code
 * invokeai/app/util/step_callback.py}, {@code SD1_5_LATENT_RGB_FACTORS}). For others it is the
 * least-squares fit to what the autoencoder itself makes of flat and smoothly varying latents,
 * computed when the first preview is asked for.
 */
final class LatentPreview {
  private static final float[][] SD1 = {
    {0.3444f, 0.1385f, 0.0670f},
    {0.1247f, 0.4027f, 0.1494f},
    {-0.3192f, 0.2513f, 0.2103f},
    {-0.1307f, -0.1874f, -0.7445f},
  };
  private static final float SD1_SCALING = 0.18215f;

  /** Latents along each side of the pictures the map is fitted to, and of their flat patches. */
  private static final int FIT_SIDE = 16;

  private static final int PATCH = 4;
  private static final int FIT_IMAGES = 4;

  /** How many standard deviations of natural latents the fit covers. */
  private static final float SPREAD = 1.5f;

  /** Row c: what channel c adds to red, green, blue; the last row is the constant. */
  private final Supplier<float[][]> factors;

  LatentPreview(AutoencoderKl vae) {
    AutoencoderKlConfig c = vae.config();
    boolean sd1 =
        c.latentChannels() == SD1.length && c.scale() == 8 && c.scalingFactor() == SD1_SCALING;
    this.factors = sd1 ? LatentPreview::sd1 : new Once(vae);
  }

  private static float[][] sd1() {
    float[][] f = new float[SD1.length + 1][];
    System.arraycopy(SD1, 0, f, 0, SD1.length);
    f[SD1.length] = new float[3];
    return f;
  }

  /** Latents [N,H,W,C] as they are during diffusion → N pictures of W×H pixels. */
  List<RgbImage> render(Tensor latents) {
    float[][] f = factors.get();
    int c = latents.dim(3);
    int pixels = latents.dim(1) * latents.dim(2);
    float[] x = latents.toFloats();
    List<RgbImage> images = new ArrayList<>();
    for (int n = 0; n < latents.dim(0); n++) {
      float[] rgb = new float[pixels * 3];
      for (int p = 0; p < pixels; p++) {
        for (int k = 0; k < 3; k++) {
          float sum = f[c][k];
          for (int j = 0; j < c; j++) {
            sum += x[(n * pixels + p) * c + j] * f[j][k];
          }
          rgb[3 * p + k] = Float.isNaN(sum) ? 0 : sum;
        }
      }
      images.add(RgbImage.fromSigned(latents.dim(2), latents.dim(1), rgb));
    }
    return images;
  }

  /** The fit, computed on first use. */
  private static final class Once implements Supplier<float[][]> {
    private final AutoencoderKl vae;
    private float[][] fitted = {};

    Once(AutoencoderKl vae) {
      this.vae = vae;
    }

    @Override
    public synchronized float[][] get() {
      if (fitted.length == 0) {
        fitted = fit(vae);
      }
      return fitted;
    }
  }

  private static float[][] fit(AutoencoderKl vae) {
    int c = vae.config().latentChannels();
    int scale = vae.config().scale();
    float[] latents = patches(c);
    Tensor z = Tensor.of(latents, FIT_IMAGES, FIT_SIDE, FIT_SIDE, c);
    float[] decoded = vae.decode(z.mul(1 / vae.config().scalingFactor())).toFloats();
    int rows = FIT_IMAGES * FIT_SIDE * FIT_SIDE;
    RealMatrix a = new Array2DRowRealMatrix(rows, c + 1);
    RealMatrix b = new Array2DRowRealMatrix(rows, 3);
    for (int r = 0; r < rows; r++) {
      for (int j = 0; j < c; j++) {
        a.setEntry(r, j, latents[r * c + j]);
      }
      a.setEntry(r, c, 1);
      int n = r / (FIT_SIDE * FIT_SIDE);
      int y = r / FIT_SIDE % FIT_SIDE;
      int x = r % FIT_SIDE;
      int width = FIT_SIDE * scale;
      for (int k = 0; k < 3; k++) {
        double sum = 0;
        for (int dy = 0; dy < scale; dy++) {
          for (int dx = 0; dx < scale; dx++) {
            sum += decoded[((n * width + y * scale + dy) * width + x * scale + dx) * 3 + k];
          }
        }
        b.setEntry(r, k, Math.clamp(sum / (scale * scale), -1, 1));
      }
    }
    RealMatrix solution = new QRDecomposition(a).getSolver().solve(b);
    float[][] f = new float[c + 1][3];
    for (int j = 0; j <= c; j++) {
      for (int k = 0; k < 3; k++) {
        f[j][k] = (float) solution.getEntry(j, k);
      }
    }
    return f;
  }

  /** Patches of equal latents: [FIT_IMAGES,FIT_SIDE,FIT_SIDE,c]. */
  private static float[] patches(int c) {
    TorchCpuNoise noise = new TorchCpuNoise(0);
    int across = FIT_SIDE / PATCH;
    float[] values = noise.randn(FIT_IMAGES * across * across * c);
    float[] latents = new float[FIT_IMAGES * FIT_SIDE * FIT_SIDE * c];
    for (int i = 0; i < latents.length; i++) {
      int p = i / c;
      int n = p / (FIT_SIDE * FIT_SIDE);
      int y = p / FIT_SIDE % FIT_SIDE / PATCH;
      int x = p % FIT_SIDE / PATCH;
      latents[i] = SPREAD * values[((n * across + y) * across + x) * c + i % c];
    }
    return latents;
  }
}
