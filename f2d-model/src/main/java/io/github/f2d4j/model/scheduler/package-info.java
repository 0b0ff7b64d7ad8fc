/**
 * Samplers: how a picture's latents get from noise to clean in a number of steps, each with one
 * prediction of the denoiser.
 *
 * <p>Names, configuration keys and numbers are those of diffusers 0.17.0 ({@code
 * src/diffusers/schedulers/}). A {@link io.github.f2d4j.model.scheduler.Scheduler} is immutable and
 * may be shared; {@link io.github.f2d4j.model.scheduler.Scheduler#start} begins one run, which
 * remembers what multistep methods need. Coefficients are computed on the host, tensors are only
 * combined linearly, so every backend can run them.
 */
@NullMarked
package io.github.f2d4j.model.scheduler;

import org.jspecify.annotations.NullMarked;
