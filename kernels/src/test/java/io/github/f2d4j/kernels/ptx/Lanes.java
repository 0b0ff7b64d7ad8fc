package io.github.f2d4j.kernels.ptx;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/** Operations that do the same in every lane. */
final class Lanes {
  /** A function of three values. */
  @FunctionalInterface
  interface Ternary {
    long apply(long a, long b, long c);
  }

  private static final byte[] LOOP = loop();

  /** Makes a {@link LaneLoop} of a copy of its own for every class of functions. */
  private static final ClassValue<MethodHandle> MAKERS =
      new ClassValue<>() {
        @Override
        protected MethodHandle computeValue(Class<?> function) {
          try {
            MethodHandles.Lookup copy = MethodHandles.lookup().defineHiddenClass(LOOP, true);
            MethodType type =
                MethodType.methodType(
                    void.class, int.class, int.class, int.class, int.class, Object.class);
            return copy.findConstructor(copy.lookupClass(), type)
                .asType(type.changeReturnType(Operation.class));
          } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("the loop over lanes cannot be copied", e);
          }
        }
      };

  private Lanes() {}

  private static byte[] loop() {
    try (InputStream in = Lanes.class.getResourceAsStream("LaneLoop.class")) {
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Operation of(int d, int a, int b, int c, Object function) {
    try {
      return (Operation) MAKERS.get(function.getClass()).invokeExact(d, a, b, c, function);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException(e);
    }
  }

  static Operation unary(Operands o, LongUnaryOperator f) {
    return of(o.register(0), o.register(1), 0, 0, f);
  }

  static Operation binary(Operands o, LongBinaryOperator f) {
    return of(o.register(0), o.register(1), o.register(2), 0, f);
  }

  static Operation ternary(Operands o, Ternary f) {
    return of(o.register(0), o.register(1), o.register(2), o.register(3), f);
  }
}
