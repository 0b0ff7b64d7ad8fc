/**
 * From a face and a prompt to pictures: upstream's {@code inference_f2d.py} and diffusers' {@code
 * StableDiffusionPipeline} as one call.
 *
 * {@snippet file = "io/github/f2d4j/model/example/PipelineExample.java" region = "generate"}
 */
@NullMarked
package io.github.f2d4j.model.pipeline;

import org.jspecify.annotations.NullMarked;
