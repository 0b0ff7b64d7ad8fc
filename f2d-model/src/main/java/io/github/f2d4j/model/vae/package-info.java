/**
 * The autoencoder of Stable Diffusion 1.x, between images and latents. Classes, fields and the
 * order of steps are those of diffusers v0.17.0 (<a
 * href="https://github.com/huggingface/diffusers/tree/v0.17.0/src/diffusers/models">models</a>:
 * {@code autoencoder_kl.py}, {@code vae.py}, {@code unet_2d_blocks.py}); images are NHWC.
 */
@NullMarked
package io.github.f2d4j.model.vae;

import org.jspecify.annotations.NullMarked;
