package io.github.f2d4j.kernels.mock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.github.f2d4j.kernels.library.Signature;
import io.github.f2d4j.kernels.library.SignatureTable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/** Calls every function of a table with arguments that all differ, and compares what arrives. */
public final class SignaturesReachTheLibrary {
  private static final long RETURNED = 0x23456;

  private SignaturesReachTheLibrary() {}

  /** One test for each function of {@code table} that {@code mock} has. */
  public static Stream<DynamicTest> tests(SignatureTable table, MockLibrary mock) {
    return table.signatures().stream()
        .filter(s -> mock.library().has(s.name()))
        .map(s -> dynamicTest(s.name(), () -> check(table, s, mock)));
  }

  private static void check(SignatureTable table, Signature signature, MockLibrary mock)
      throws Throwable {
    mock.reset().set("raw", RETURNED);
    List<Object> arguments = new ArrayList<>();
    for (int i = 0; i < signature.parameters().size(); i++) {
      arguments.add(distinct(signature.parameters().get(i).type(), i + 1));
    }
    List<Object> call = new ArrayList<>(arguments);
    call.addFirst(mock.library().address(signature.name()));
    Object result = table.handle(signature.name()).invokeWithArguments(call);
    assertEquals(
        MockLibrary.expected(signature.name(), arguments.toArray()),
        mock.calls().getFirst(),
        () -> signature.name() + " takes " + signature.letters());
    switch (signature.result()) {
      case I -> assertEquals((int) RETURNED, result);
      case J -> assertEquals(RETURNED, result);
      case P -> assertEquals(RETURNED, ((MemorySegment) result).address());
      case D, V -> assertEquals(null, result);
    }
  }

  /** Addresses and 64-bit numbers beyond 32 bits, 32-bit ones with their highest bit set or not. */
  private static Object distinct(Signature.Type type, int i) {
    return switch (type) {
      case P -> MockLibrary.p(0x7f12_3450_0000L + i * 0x1001L);
      case I -> (i % 2 == 0 ? Integer.MIN_VALUE : 0) + 1000 + i;
      case J -> (i % 2 == 0 ? -1L : 1L) * ((1L << 40) + i);
      case D -> i + 0.25;
      case V -> throw new IllegalArgumentException("a parameter of no type");
    };
  }
}
