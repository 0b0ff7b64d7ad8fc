/**
 * From a face and a prompt to pictures: upstream's {@code inference_f2d.py} and diffusers' {@code
 * StableDiffusionPipeline} as one call.
 *
 * <pre>{@code
 * var pipeline = Face2DiffusionPipeline.load(Path.of("models/face2diffusion"));
 * FaceIdentity face = pipeline.encode(FaceInput.photo(photo, landmarks));
 * GenerationRequest request = GenerationRequest.of("a photo of f l at the beach").build();
 * RgbImage picture = pipeline.generate(face, request).images().getFirst();
 * }</pre>
 */
@NullMarked
package io.github.f2d4j.model.pipeline;

import org.jspecify.annotations.NullMarked;
