package io.github.f2d4j.kernels.ptx;

import java.util.Arrays;
import java.util.List;

/** An instruction's name, {@code cvt.rn.f16x2.f32} for example, taken apart at the dots. */
final class Mnemonic {
  private final String text;
  private final List<String> parts;

  Mnemonic(String text) {
    this.text = text;
    this.parts = Arrays.asList(text.split("\\.", -1));
  }

  /** The first part. */
  String base() {
    return parts.getFirst();
  }

  /** Whether a part other than the first is {@code modifier}. */
  boolean has(String modifier) {
    return parts.subList(1, parts.size()).contains(modifier);
  }

  /** A part, from 0. */
  String part(int i) {
    if (i >= parts.size()) {
      throw unknown();
    }
    return parts.get(i);
  }

  /** The last part as a type. */
  PtxType type() {
    return PtxType.of(parts.getLast());
  }

  /** The last part but one as a type. */
  PtxType typeBeforeLast() {
    return PtxType.of(part(parts.size() - 2));
  }

  KernelFault unknown() {
    return new KernelFault(
        KernelFault.Kind.SYNTAX, "the interpreter does not know the instruction " + text);
  }

  @Override
  public String toString() {
    return text;
  }
}
