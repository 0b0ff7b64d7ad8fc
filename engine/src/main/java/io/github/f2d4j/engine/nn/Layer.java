package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * A part of a model that owns weights. It knows its path in the checkpoint, so that whoever wants
 * to see inside can observe the outputs of all modules by name.
 */
public abstract class Layer {
  private static final ScopedValue<BiConsumer<String, Tensor>> OBSERVER = ScopedValue.newInstance();

  private final String path;

  /** A module whose weights lie under {@code weights.path()}. */
  protected Layer(Weights weights) {
    this.path = weights.path();
  }

  /** The path of this module in its checkpoint, such as {@code down_blocks.0.resnets.1}. */
  public final String path() {
    return path;
  }

  /** Shows {@code output} to the observer, if there is one, as this module's output. */
  protected final Tensor observed(Tensor output) {
    return observed("", output);
  }

  /** Whether somebody watches: outputs that this module does not need are then worth having. */
  protected static final boolean isObserved() {
    return OBSERVER.isBound();
  }

  /** Shows a value inside this module under {@code path.name}. */
  protected final Tensor observed(String name, Tensor value) {
    if (OBSERVER.isBound()) {
      String dot = path.isEmpty() || name.isEmpty() ? "" : ".";
      OBSERVER.get().accept(path + dot + name, value);
    }
    return value;
  }

  /**
   * Runs {@code body} and shows {@code observer} the path and output of every module that it calls,
   * as lazy tensors.
   */
  public static <T> T observing(BiConsumer<String, Tensor> observer, Supplier<T> body) {
    return ScopedValue.where(OBSERVER, observer).call(body::get);
  }
}
