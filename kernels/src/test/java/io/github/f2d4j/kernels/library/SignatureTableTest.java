package io.github.f2d4j.kernels.library;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class SignatureTableTest {
  @Test
  void aTableIsReadLineByLine() {
    SignatureTable table =
        new SignatureTable(
            "mock",
            """
            I first(P a, J b,
                D c)

            V second(I d)
            P third()
            """);
    assertEquals(
        List.of("I:PJD", "V:I", "P:"),
        table.signatures().stream().map(Signature::letters).toList());
    assertEquals("b", table.signatures().iterator().next().parameters().get(1).name());
  }

  @Test
  void mistakesAreFound() {
    assertThrows(IllegalArgumentException.class, () -> table("I f(P a) I g(P b)"));
    assertThrows(IllegalArgumentException.class, () -> table("I f(X a)"));
    assertThrows(IllegalArgumentException.class, () -> table("I f(V a)"));
    assertThrows(IllegalArgumentException.class, () -> table("I f(P a"));
    assertThrows(IllegalArgumentException.class, () -> table("I f(P a)\nI f(P b)"));
    assertThrows(IllegalArgumentException.class, () -> table("I f(P a)").handle("g"));
  }

  private static SignatureTable table(String text) {
    return new SignatureTable("mock", text);
  }
}
