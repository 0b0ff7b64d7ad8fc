/**
 * Checkpoints that {@code torch.save} wrote, zip archives and the older format, read without Python
 * and without running anything: a pickle machine that knows a short list of names and refuses every
 * other.
 *
 * <p>Start at {@link io.github.f2d4j.weights.torch.TorchFile#open}.
 */
@NullMarked
package io.github.f2d4j.weights.torch;

import org.jspecify.annotations.NullMarked;
