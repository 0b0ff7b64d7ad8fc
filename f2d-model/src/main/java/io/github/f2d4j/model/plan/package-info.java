/**
 * What a generation will take, before it starts: memory, operations and time.
 *
 * <pre>{@code
 * GenerationPlan plan =
 *     GenerationPlan.of(
 *         ModelFolder.open(Path.of("models/face2diffusion")),
 *         GenerationRequest.of("a photo of f l").size(768, 768).build());
 * System.out.println(plan.memory().residentBytes());
 * plan.requireFits(MemoryLimit.ofThisMachine());
 * }</pre>
 */
@NullMarked
package io.github.f2d4j.model.plan;

import org.jspecify.annotations.NullMarked;
