/**
 * The denoiser of Stable Diffusion 1.x. Classes, fields and the order of steps are those of
 * diffusers v0.17.0 (<a
 * href="https://github.com/huggingface/diffusers/tree/v0.17.0/src/diffusers/models">models</a>:
 * {@code unet_2d_condition.py}, {@code unet_2d_blocks.py}, {@code resnet.py}, {@code
 * transformer_2d.py}, {@code attention.py}, {@code embeddings.py}); images are NHWC.
 */
@NullMarked
package io.github.f2d4j.model.unet;

import org.jspecify.annotations.NullMarked;
