package io.github.f2d4j.engine.op;

/** An activation that an operator applies while its result is still in registers. */
public enum Activation {
  /** The identity. */
  NONE,
  /** max(x, 0). */
  RELU,
  /** x·sigmoid(x). */
  SILU,
  /** x·Φ(x) with the exact error function. */
  GELU,
  /** x·sigmoid(1.702·x), as OpenAI's CLIP has it. */
  QUICK_GELU,
  /**
   * Splits the last axis into halves h and gate and gives h·gelu(gate): the result's last axis has
   * half the length.
   */
  GEGLU
}
