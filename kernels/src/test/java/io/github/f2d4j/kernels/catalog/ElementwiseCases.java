package io.github.f2d4j.kernels.catalog;

import static io.github.f2d4j.kernels.catalog.ElementType.F32;

import io.github.f2d4j.engine.op.Activation;
import java.util.ArrayList;
import java.util.List;

/** Epilogues, GEGLU, casts and the timestep embedding, against their formulas. */
final class ElementwiseCases {
  private ElementwiseCases() {}

  static List<KernelCase> all() {
    List<KernelCase> cases = new ArrayList<>();
    for (ElementType type : ElementType.values()) {
      for (Activation activation : Activation.values()) {
        if (activation != Activation.GEGLU) {
          cases.add(epilogue(type, 5, 16, activation, true, true));
          cases.add(epilogue(type, 3, 7, activation, activation != Activation.NONE, false));
        }
      }
      cases.add(epilogue(type, 70, 40, Activation.SILU, false, true));
      cases.add(geglu(type, 5, 24, true));
      cases.add(geglu(type, 37, 9, false));
      cases.add(geglu(type, 3, 16, false));
      cases.add(geglu(type, 2, 5, true));
      cases.add(epilogue(type, 3, 7, Activation.SILU, false, true));
      for (ElementType to : ElementType.values()) {
        if (to != type) {
          cases.add(cast(type, to, 1));
          cases.add(cast(type, to, 1025));
        }
      }
      cases.add(timesteps(type, 2, 320, true));
      cases.add(timesteps(type, 3, 7, false));
    }
    return cases;
  }

  static KernelCase epilogue(
      ElementType type, int rows, int columns, Activation activation, boolean bias, boolean add) {
    Elementwise.Epilogue op = new Elementwise.Epilogue(type, rows, columns, activation);
    return new KernelCase(
        op + (bias ? " with bias" : "") + (add ? " with residual" : ""),
        device -> run(op, bias, add, device));
  }

  private static void run(Elementwise.Epilogue op, boolean bias, boolean add, CaseDevice device) {
    int count = op.rows() * op.columns();
    float[] x = Numbers.normal(count, 1, 0.3, 2);
    float[] b = Numbers.normal(op.columns(), 2, 0, 1);
    float[] r = Numbers.normal(count, 3, 0, 1);
    CaseDevice.Memory deviceX = device.upload(op.type(), x);
    long biasAt = bias ? device.upload(op.type(), b).address() : 0;
    long residualAt = add ? device.upload(op.type(), r).address() : 0;
    CaseDevice.Memory y = device.allocate(op.type(), count);
    device.launch(op.launches(deviceX.address(), biasAt, residualAt, y.address()));
    Numbers.compare(
        op.type(),
        op.type() == F32 ? 8 : 2,
        y.read(op.type()),
        count,
        i -> {
          double v = x[i] + (bias ? b[i % op.columns()] : 0.0);
          return activate(op.activation(), v) + (add ? r[i] : 0);
        });
  }

  private static double activate(Activation activation, double v) {
    return switch (activation) {
      case NONE -> v;
      case RELU -> Math.max(v, 0);
      case SILU -> v * Numbers.sigmoid(v);
      case GELU -> Numbers.gelu(v);
      case QUICK_GELU -> v * Numbers.sigmoid(1.702 * v);
      case GEGLU -> throw new AssertionError("no function of one number");
    };
  }

  static KernelCase geglu(ElementType type, int rows, int columns, boolean bias) {
    Elementwise.Geglu op = new Elementwise.Geglu(type, rows, columns);
    return new KernelCase(op + (bias ? " with bias" : ""), device -> run(op, bias, device));
  }

  private static void run(Elementwise.Geglu op, boolean bias, CaseDevice device) {
    int columns = op.columns();
    float[] x = Numbers.normal(op.rows() * 2 * columns, 4, 0.3, 1.5);
    float[] b = Numbers.normal(2 * columns, 5, 0, 1);
    CaseDevice.Memory deviceX = device.upload(op.type(), x);
    long biasAt = bias ? device.upload(op.type(), b).address() : 0;
    CaseDevice.Memory y = device.allocate(op.type(), op.rows() * columns);
    device.launch(op.launches(deviceX.address(), biasAt, y.address()));
    Numbers.compare(
        op.type(),
        op.type() == F32 ? 8 : 2,
        y.read(op.type()),
        op.rows() * columns,
        i -> {
          int c = i % columns;
          int at = i / columns * 2 * columns + c;
          double h = x[at] + (bias ? b[c] : 0.0);
          double gate = x[at + columns] + (bias ? b[columns + c] : 0.0);
          return h * Numbers.gelu(gate);
        });
  }

  static KernelCase cast(ElementType from, ElementType to, int elements) {
    Elementwise.Cast op = new Elementwise.Cast(from, to, elements);
    return new KernelCase(
        op.toString(),
        device -> {
          float[] x = Numbers.normal(elements, 6, 0, 3);
          CaseDevice.Memory deviceX = device.upload(from, x);
          CaseDevice.Memory y = device.allocate(to, elements);
          device.launch(op.launches(deviceX.address(), y.address()));
          float[] expected = x.clone();
          device.upload(to, expected); // rounds
          Numbers.compare(to, 0, y.read(to), elements, i -> expected[i]);
        });
  }

  static KernelCase timesteps(ElementType type, int rows, int width, boolean flip) {
    Elementwise.TimestepEmbedding op = new Elementwise.TimestepEmbedding(type, rows, width, flip);
    return new KernelCase(op.toString(), device -> run(op, device));
  }

  private static void run(Elementwise.TimestepEmbedding op, CaseDevice device) {
    int half = op.width() / 2;
    float[] timesteps = new float[op.rows()];
    for (int i = 0; i < timesteps.length; i++) {
      timesteps[i] = 999 - 123.5f * i;
    }
    float[] frequencies = new float[half];
    for (int i = 0; i < half; i++) {
      frequencies[i] = (float) Math.exp(-Math.log(10_000) * i / half);
    }
    CaseDevice.Memory y = device.allocate(op.type(), op.rows() * op.width());
    device.launch(
        op.launches(
            device.upload(F32, timesteps).address(),
            device.upload(F32, frequencies).address(),
            y.address()));
    Numbers.compare(
        op.type(),
        op.type() == F32 ? 4 : 2,
        y.read(op.type()),
        op.rows() * op.width(),
        i -> {
          int c = i % op.width();
          if (c == 2 * half) {
            return 0;
          }
          // the product is rounded, as upstream
          double angle = timesteps[i / op.width()] * frequencies[c % half];
          return (c < half) == op.flip() ? Math.cos(angle) : Math.sin(angle);
        });
  }
}
