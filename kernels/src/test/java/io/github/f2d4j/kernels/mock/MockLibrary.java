package io.github.f2d4j.kernels.mock;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.f2d4j.kernels.library.LibraryLoader;
import io.github.f2d4j.kernels.library.LoadedLibrary;
import io.github.f2d4j.kernels.library.Loading;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.library.SearchPath;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** A loaded mock: what it was called with, and what it is to answer. */
@SuppressWarnings("restricted") // what native libraries are called by
public record MockLibrary(LoadedLibrary library) {
  /** Loads a mock from {@code folder} as the program loads the real library. */
  public static MockLibrary load(Path folder, NativeLibrary kind, int major) {
    Loading loading = loader(folder).load(kind, List.of(major));
    return switch (loading) {
      case Loading.Loaded loaded -> new MockLibrary(loaded.library()).reset();
      case Loading.Missing missing -> throw new AssertionError(missing.failures().toString());
    };
  }

  /** A loader that sees {@code folder} alone. */
  public static LibraryLoader loader(Path folder) {
    return new LibraryLoader(new SearchPath(List.of(new SearchPath.Place(folder, "test"))), false);
  }

  /** Forgets all calls and answers. */
  public MockLibrary reset() {
    call("mock_reset", FunctionDescriptor.ofVoid());
    return this;
  }

  /** Sets the number {@code name}: what a function of that name returns, or what the mock reads. */
  public MockLibrary set(String name, long value) {
    try (Arena arena = Arena.ofConfined()) {
      call(
          "mock_set",
          FunctionDescriptor.ofVoid(ADDRESS, JAVA_LONG),
          arena.allocateFrom(name),
          value);
    }
    return this;
  }

  /** Every call, as function, letters and hexadecimal values. */
  public List<String> calls() {
    MemorySegment log = (MemorySegment) call("mock_log", FunctionDescriptor.of(pointerToText()));
    return log.getString(0).lines().toList();
  }

  private static MemoryLayout pointerToText() {
    return ADDRESS.withTargetLayout(
        java.lang.foreign.MemoryLayout.sequenceLayout(
            1 << 16, java.lang.foreign.ValueLayout.JAVA_BYTE));
  }

  private Object call(String name, FunctionDescriptor type, Object... arguments) {
    try {
      return Linker.nativeLinker()
          .downcallHandle(library.address(name), type)
          .invokeWithArguments(arguments);
    } catch (Throwable e) {
      throw new AssertionError(name, e);
    }
  }

  /** The only call of {@code function}. */
  public String callOf(String function) {
    List<String> found = calls().stream().filter(c -> c.startsWith(function + " ")).toList();
    if (found.size() != 1) {
      throw new AssertionError(function + " was called " + found.size() + " times: " + calls());
    }
    return found.getFirst();
  }

  /** How a call appears in {@link #calls()}, for the given arguments. */
  public static String expected(String function, Object... arguments) {
    StringBuilder letters = new StringBuilder();
    StringBuilder values = new StringBuilder();
    for (Object argument : arguments) {
      switch (argument) {
        case Integer i -> {
          letters.append('I');
          values.append(' ').append(Integer.toHexString(i));
        }
        case Long j -> {
          letters.append('J');
          values.append(' ').append(Long.toHexString(j));
        }
        case Double d -> {
          letters.append('D');
          values.append(' ').append(Long.toHexString(Double.doubleToRawLongBits(d)));
        }
        case Float f -> {
          letters.append('I');
          values.append(' ').append(Integer.toHexString(Float.floatToRawIntBits(f)));
        }
        case MemorySegment p -> {
          letters.append('P');
          values.append(' ').append(Long.toHexString(p.address()));
        }
        default -> throw new IllegalArgumentException(argument.toString());
      }
    }
    return function + " " + letters + values;
  }

  /** An address. */
  public static MemorySegment p(long address) {
    return MemorySegment.ofAddress(address);
  }
}
