package io.github.f2d4j.engine.cpu.amx;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The three calls of Linux that bring machine code to life: {@code arch_prctl} for the permission
 * to use tile registers, {@code mmap} and {@code mprotect} for memory that is writable first and
 * then executable, never both.
 */
@SuppressWarnings("restricted") // This class is what native access is for.
final class ExecutableMemory {
  private static final long SYS_ARCH_PRCTL = 158;
  private static final long ARCH_REQ_XCOMP_PERM = 0x1023;
  private static final long XFEATURE_XTILEDATA = 18;

  private static final int PROT_READ = 1;
  private static final int PROT_WRITE = 2;
  private static final int PROT_EXEC = 4;
  private static final int MAP_PRIVATE = 2;
  private static final int MAP_ANONYMOUS = 0x20;
  private static final long MAP_FAILED = -1;

  private static final StructLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final MethodHandle syscall;
  private final MethodHandle mmap;
  private final MethodHandle mprotect;
  private final MemorySegment state = Arena.ofAuto().allocate(STATE);

  ExecutableMemory() {
    syscall =
        function(
            "syscall",
            FunctionDescriptor.of(
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_LONG),
            Linker.Option.firstVariadicArg(1));
    mmap =
        function(
            "mmap",
            FunctionDescriptor.of(
                ValueLayout.ADDRESS,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT,
                ValueLayout.JAVA_LONG));
    mprotect =
        function(
            "mprotect",
            FunctionDescriptor.of(
                ValueLayout.JAVA_INT,
                ValueLayout.ADDRESS,
                ValueLayout.JAVA_LONG,
                ValueLayout.JAVA_INT));
  }

  private static MethodHandle function(
      String name, FunctionDescriptor descriptor, Linker.Option... options) {
    Linker linker = Linker.nativeLinker();
    Linker.Option[] all = Arrays.copyOf(options, options.length + 1);
    all[options.length] = Linker.Option.captureCallState("errno");
    return linker.downcallHandle(linker.defaultLookup().findOrThrow(name), descriptor, all);
  }

  /**
   * Asks for the tile registers, for all threads of this process.
   *
   * @throws IOException if the system refuses
   */
  void allowTiles() throws IOException {
    long result;
    try {
      result =
          (long)
              syscall.invokeExact(state, SYS_ARCH_PRCTL, ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA);
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
    check(result == 0, "the system does not allow tile registers");
  }

  /**
   * {@code code} in memory of its own that stays executable until the JVM ends.
   *
   * @throws IOException if the system gives no such memory
   */
  MemorySegment place(byte[] code) throws IOException {
    MemorySegment memory;
    int result;
    try {
      memory =
          (MemorySegment)
              mmap.invokeExact(
                  state,
                  MemorySegment.NULL,
                  (long) code.length,
                  PROT_READ | PROT_WRITE,
                  MAP_PRIVATE | MAP_ANONYMOUS,
                  -1,
                  0L);
      check(memory.address() != MAP_FAILED, "no memory for machine code");
      memory = memory.reinterpret(code.length);
      MemorySegment.copy(code, 0, memory, ValueLayout.JAVA_BYTE, 0, code.length);
      result = (int) mprotect.invokeExact(state, memory, (long) code.length, PROT_READ | PROT_EXEC);
    } catch (IOException e) {
      throw e;
    } catch (Throwable t) {
      throw new AssertionError(t);
    }
    check(result == 0, "the system does not let programs make executable memory");
    return memory;
  }

  private void check(boolean done, String otherwise) throws IOException {
    if (!done) {
      throw new IOException(otherwise + " (errno " + (int) ERRNO.get(state, 0L) + ")");
    }
  }
}
