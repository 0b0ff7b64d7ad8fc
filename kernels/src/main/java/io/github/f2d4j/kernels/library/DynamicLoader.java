package io.github.f2d4j.kernels.library;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** The system's dynamic loader, asked for what {@code SymbolLookup} does not tell: the reason. */
final class DynamicLoader {
  private static final int RTLD_LAZY = 1;
  private static final MethodHandle DLOPEN =
      handle("dlopen", FunctionDescriptor.of(ADDRESS, ADDRESS, JAVA_INT));
  private static final MethodHandle DLERROR = handle("dlerror", FunctionDescriptor.of(ADDRESS));

  private DynamicLoader() {}

  /** Why {@code file}, which could not be loaded, cannot be; begins with its name. */
  static String refusal(String file) {
    String message;
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment opened =
          (MemorySegment) DLOPEN.invokeExact(arena.allocateFrom(file), RTLD_LAZY);
      if (!opened.equals(MemorySegment.NULL)) {
        return file + ": loads now, but did not a moment ago";
      }
      message = NativeText.of((MemorySegment) DLERROR.invokeExact());
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
    return message.startsWith(file) ? message : file + ": " + message;
  }

  @SuppressWarnings("restricted") // what this package is for
  private static MethodHandle handle(String name, FunctionDescriptor type) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), type);
  }
}
