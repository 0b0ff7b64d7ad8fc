package io.github.f2d4j.engine.reference;

import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.f2d4j.engine.cpu.CpuBackend;
import io.github.f2d4j.engine.cpu.pool.WorkPool;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The CPU backend against the definitions, for every operator. */
class CpuOperatorsTest {
  private static final CpuBackend BACKEND = new CpuBackend(WorkPool.shared());

  static List<OperatorCase> cases() {
    return OperatorCases.all();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithTheDefinition(OperatorCase c) {
    assertNull(c.mismatch(c.run(BACKEND, false)));
    assertNull(c.mismatch(c.run(BACKEND, true)));
  }
}
