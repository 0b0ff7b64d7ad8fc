/**
 * A PTX interpreter for tests: executes the text of the kernels that ship, warp by warp, without a
 * driver or a GPU, and reports what a GPU would silently get wrong.
 *
 * <p>{@link io.github.f2d4j.kernels.ptx.PtxParser} reads the text into a {@link
 * io.github.f2d4j.kernels.ptx.PtxModule}; {@link io.github.f2d4j.kernels.ptx.PtxDevice} holds
 * global memory and launches kernels, block after block ({@link
 * io.github.f2d4j.kernels.ptx.ThreadBlock}), each warp ({@link io.github.f2d4j.kernels.ptx.Warp})
 * up to the next barrier. The instructions are in one class per family. {@link
 * io.github.f2d4j.kernels.ptx.AccessLog} remembers who touched which byte, and finds reads of what
 * nobody wrote and accesses that no barrier orders.
 *
 * <p>What it does not model: time, caches, divergent lanes of one warp racing with each other, and
 * the rounding of the approximate instructions (ex2, sin, … are exact here). The layouts of mma and
 * ldmatrix fragments are those of the PTX ISA manual.
 */
package io.github.f2d4j.kernels.ptx;
