package io.github.f2d4j.engine.cpu.elementwise;

import io.github.f2d4j.engine.cpu.math.FloatMath;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Elementwise functions as plain loops; also the tails of {@link VectorElementwise}. */
final class ScalarElementwise implements ElementwiseLoops {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  @Override
  public void unary(UnaryKind kind, MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    switch (kind) {
      case NEG -> neg(x, xo, y, yo, n);
      case ABS -> abs(x, xo, y, yo, n);
      case EXP -> exp(x, xo, y, yo, n);
      case LOG -> log(x, xo, y, yo, n);
      case SQRT -> sqrt(x, xo, y, yo, n);
      case RSQRT -> rsqrt(x, xo, y, yo, n);
      case RECIPROCAL -> reciprocal(x, xo, y, yo, n);
      case SQUARE -> square(x, xo, y, yo, n);
      case TANH -> tanh(x, xo, y, yo, n);
      case ERF -> erf(x, xo, y, yo, n);
      case SIGMOID -> sigmoid(x, xo, y, yo, n);
      case SIN -> sin(x, xo, y, yo, n);
      case COS -> cos(x, xo, y, yo, n);
      case RELU -> relu(x, xo, y, yo, n);
      case SILU -> silu(x, xo, y, yo, n);
      case GELU -> gelu(x, xo, y, yo, n);
      case QUICK_GELU -> quickGelu(x, xo, y, yo, n);
    }
  }

  @Override
  public void binary(
      BinaryKind kind,
      MemorySegment a,
      long ao,
      MemorySegment b,
      long bo,
      MemorySegment y,
      long yo,
      int n) {
    switch (kind) {
      case ADD -> add(a, ao, b, bo, y, yo, n);
      case SUB -> sub(a, ao, b, bo, y, yo, n);
      case MUL -> mul(a, ao, b, bo, y, yo, n);
      case DIV -> div(a, ao, b, bo, y, yo, n);
      case MAX -> max(a, ao, b, bo, y, yo, n);
      case MIN -> min(a, ao, b, bo, y, yo, n);
      case POW -> pow(a, ao, b, bo, y, yo, n);
    }
  }

  static void neg(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, -v);
    }
  }

  static void abs(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, Math.abs(v));
    }
  }

  static void exp(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, FloatMath.exp(v));
    }
  }

  static void log(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, FloatMath.log(v));
    }
  }

  static void sqrt(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, (float) Math.sqrt(v));
    }
  }

  static void rsqrt(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, 1f / (float) Math.sqrt(v));
    }
  }

  static void reciprocal(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, 1f / v);
    }
  }

  static void square(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, v * v);
    }
  }

  static void tanh(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, FloatMath.tanh(v));
    }
  }

  static void erf(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, FloatMath.erf(v));
    }
  }

  static void sigmoid(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, FloatMath.sigmoid(v));
    }
  }

  static void sin(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, FloatMath.sin(v));
    }
  }

  static void cos(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, FloatMath.cos(v));
    }
  }

  static void relu(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, Math.max(v, 0f));
    }
  }

  static void silu(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, FloatMath.silu(v));
    }
  }

  static void gelu(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, FloatMath.gelu(v));
    }
  }

  static void quickGelu(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, FloatMath.quickGelu(v));
    }
  }

  static void add(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = a.get(FLOAT, ao + 4L * i);
      float w = b.get(FLOAT, bo + 4L * i);
      y.set(FLOAT, yo + 4L * i, v + w);
    }
  }

  static void sub(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = a.get(FLOAT, ao + 4L * i);
      float w = b.get(FLOAT, bo + 4L * i);
      y.set(FLOAT, yo + 4L * i, v - w);
    }
  }

  static void mul(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = a.get(FLOAT, ao + 4L * i);
      float w = b.get(FLOAT, bo + 4L * i);
      y.set(FLOAT, yo + 4L * i, v * w);
    }
  }

  static void div(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = a.get(FLOAT, ao + 4L * i);
      float w = b.get(FLOAT, bo + 4L * i);
      y.set(FLOAT, yo + 4L * i, v / w);
    }
  }

  static void max(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = a.get(FLOAT, ao + 4L * i);
      float w = b.get(FLOAT, bo + 4L * i);
      y.set(FLOAT, yo + 4L * i, Math.max(v, w));
    }
  }

  static void min(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = a.get(FLOAT, ao + 4L * i);
      float w = b.get(FLOAT, bo + 4L * i);
      y.set(FLOAT, yo + 4L * i, Math.min(v, w));
    }
  }

  static void pow(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = a.get(FLOAT, ao + 4L * i);
      float w = b.get(FLOAT, bo + 4L * i);
      y.set(FLOAT, yo + 4L * i, FloatMath.pow(v, w));
    }
  }

  @Override
  public void prelu(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    for (int i = 0; i < n; i++) {
      float v = a.get(FLOAT, ao + 4L * i);
      float w = b.get(FLOAT, bo + 4L * i);
      y.set(FLOAT, yo + 4L * i, v >= 0f ? v : v * w);
    }
  }

  @Override
  public void leakyRelu(MemorySegment x, long xo, MemorySegment y, long yo, int n, float slope) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, v >= 0f ? v : v * slope);
    }
  }

  @Override
  public void clamp(
      MemorySegment x, long xo, MemorySegment y, long yo, int n, float min, float max) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, Math.min(Math.max(v, min), max));
    }
  }

  @Override
  public void affine(
      MemorySegment x, long xo, MemorySegment y, long yo, int n, float scale, float shift) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, Math.fma(v, scale, shift));
    }
  }

  @Override
  public void scale(MemorySegment x, long xo, MemorySegment y, long yo, int n, float factor) {
    for (int i = 0; i < n; i++) {
      float v = x.get(FLOAT, xo + 4L * i);
      y.set(FLOAT, yo + 4L * i, v * factor);
    }
  }
}
