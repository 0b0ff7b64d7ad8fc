/**
 * CLIP's text encoder, as Stable Diffusion 1.x reads prompts with it. Keys are those of Hugging
 * Face's {@code CLIPTextModel}.
 */
@NullMarked
package io.github.f2d4j.model.clip;

import org.jspecify.annotations.NullMarked;
