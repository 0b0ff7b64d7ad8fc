package io.github.f2d4j.engine.cpu.elementwise;

import static io.github.f2d4j.engine.cpu.math.VectorMath.all;

import io.github.f2d4j.engine.cpu.math.VectorMath;
import io.github.f2d4j.engine.cpu.simd.VectorLanes;
import io.github.f2d4j.engine.op.ElementwiseOp.BinaryKind;
import io.github.f2d4j.engine.op.ElementwiseOp.UnaryKind;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Elementwise functions on vectors: whole vectors, then {@link ScalarElementwise} for the rest.
 *
 * <p>Loads and stores stand in each loop rather than in a method of this project: C2 always inlines
 * the Vector API's own methods, but stops at others once a loop has grown large, and then boxes.
 */
final class VectorElementwise implements ElementwiseLoops {
  private static final VectorSpecies<Float> F = VectorLanes.F32;
  private static final ByteOrder ORDER = VectorLanes.ORDER;
  private static final ScalarElementwise SCALAR = new ScalarElementwise();

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
      case SIN -> ScalarElementwise.sin(x, xo, y, yo, n);
      case COS -> ScalarElementwise.cos(x, xo, y, yo, n);
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
      case POW -> ScalarElementwise.pow(a, ao, b, bo, y, yo, n);
    }
  }

  private static void neg(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      v.neg().intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.neg(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void abs(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      v.abs().intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.abs(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void exp(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      VectorMath.exp(v).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.exp(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void log(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      VectorMath.log(v).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.log(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void sqrt(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      v.sqrt().intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.sqrt(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void rsqrt(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      all(1f).div(v.sqrt()).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.rsqrt(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void reciprocal(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      all(1f).div(v).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.reciprocal(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void square(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      v.mul(v).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.square(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void tanh(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      VectorMath.tanh(v).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.tanh(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void erf(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      VectorMath.erf(v).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.erf(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void sigmoid(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      VectorMath.sigmoid(v).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.sigmoid(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void relu(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      v.max(0f).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.relu(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void silu(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      VectorMath.silu(v).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.silu(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void gelu(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      VectorMath.gelu(v).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.gelu(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void quickGelu(MemorySegment x, long xo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      VectorMath.quickGelu(v).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.quickGelu(x, xo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void add(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, a, ao + 4L * i, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(F, b, bo + 4L * i, ORDER);
      v.add(w).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.add(a, ao + 4L * i, b, bo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void sub(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, a, ao + 4L * i, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(F, b, bo + 4L * i, ORDER);
      v.sub(w).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.sub(a, ao + 4L * i, b, bo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void mul(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, a, ao + 4L * i, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(F, b, bo + 4L * i, ORDER);
      v.mul(w).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.mul(a, ao + 4L * i, b, bo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void div(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, a, ao + 4L * i, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(F, b, bo + 4L * i, ORDER);
      v.div(w).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.div(a, ao + 4L * i, b, bo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void max(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, a, ao + 4L * i, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(F, b, bo + 4L * i, ORDER);
      v.max(w).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.max(a, ao + 4L * i, b, bo + 4L * i, y, yo + 4L * i, n - i);
  }

  private static void min(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, a, ao + 4L * i, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(F, b, bo + 4L * i, ORDER);
      v.min(w).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    ScalarElementwise.min(a, ao + 4L * i, b, bo + 4L * i, y, yo + 4L * i, n - i);
  }

  @Override
  public void prelu(
      MemorySegment a, long ao, MemorySegment b, long bo, MemorySegment y, long yo, int n) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, a, ao + 4L * i, ORDER);
      FloatVector w = FloatVector.fromMemorySegment(F, b, bo + 4L * i, ORDER);
      v.mul(w).blend(v, v.compare(VectorOperators.GE, 0f)).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    SCALAR.prelu(a, ao + 4L * i, b, bo + 4L * i, y, yo + 4L * i, n - i);
  }

  @Override
  public void leakyRelu(MemorySegment x, long xo, MemorySegment y, long yo, int n, float slope) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      v.mul(slope)
          .blend(v, v.compare(VectorOperators.GE, 0f))
          .intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    SCALAR.leakyRelu(x, xo + 4L * i, y, yo + 4L * i, n - i, slope);
  }

  @Override
  public void clamp(
      MemorySegment x, long xo, MemorySegment y, long yo, int n, float min, float max) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      v.max(min).min(max).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    SCALAR.clamp(x, xo + 4L * i, y, yo + 4L * i, n - i, min, max);
  }

  @Override
  public void affine(
      MemorySegment x, long xo, MemorySegment y, long yo, int n, float scale, float shift) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      v.fma(all(scale), all(shift)).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    SCALAR.affine(x, xo + 4L * i, y, yo + 4L * i, n - i, scale, shift);
  }

  @Override
  public void scale(MemorySegment x, long xo, MemorySegment y, long yo, int n, float factor) {
    int i = 0;
    for (int end = F.loopBound(n); i < end; i += F.length()) {
      FloatVector v = FloatVector.fromMemorySegment(F, x, xo + 4L * i, ORDER);
      v.mul(factor).intoMemorySegment(y, yo + 4L * i, ORDER);
    }
    SCALAR.scale(x, xo + 4L * i, y, yo + 4L * i, n - i, factor);
  }
}
