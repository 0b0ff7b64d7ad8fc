package io.github.f2d4j.engine.profile;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import org.jspecify.annotations.Nullable;

/** One kernel of a plan, in a recording of the flight recorder. */
@Name("io.github.f2d4j.Kernel")
@Label("Kernel")
@Category({"f2d4j", "Engine"})
@Description("One kernel call of a plan")
@StackTrace(false)
final class RecordedKernel extends Event {
  @Label("Family")
  @Nullable String family;

  @Label("Operator")
  @Nullable String operator;

  @Label("Kernel")
  @Nullable String kernel;

  @Label("Shapes")
  @Description("Types of the inputs and of the result")
  @Nullable String shapes;

  @Label("Bytes")
  @Description("The least that must move: inputs read and the result written once")
  @DataAmount
  long bytes;

  @Label("Floating-point operations")
  @Description("A fused multiply-add counted as two")
  long flops;

  private RecordedKernel() {}

  static boolean isWanted() {
    return new RecordedKernel().isEnabled();
  }

  static void record(KernelCall call, Runnable body) {
    RecordedKernel event = new RecordedKernel();
    event.begin();
    body.run();
    event.end();
    if (event.shouldCommit()) {
      event.family = call.family();
      event.operator = call.operator();
      event.kernel = call.kernel();
      event.shapes = call.shapes();
      event.bytes = call.bytes();
      event.flops = call.flops();
      event.commit();
    }
  }
}
