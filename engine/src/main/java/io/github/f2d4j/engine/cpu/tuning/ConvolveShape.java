package io.github.f2d4j.engine.cpu.tuning;

/**
 * A 3×3 convolution of stride 1 of one image. The batch is no part of it: an image's result must
 * not depend on the images beside it.
 *
 * @param height rows of the output
 * @param width columns of the output
 * @param in channels of the input
 * @param out channels of the output
 */
public record ConvolveShape(int height, int width, int in, int out) {}
