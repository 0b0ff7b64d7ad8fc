package io.github.f2d4j.kernels.cuda;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_FLOAT;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import io.github.f2d4j.kernels.catalog.Dim3;
import io.github.f2d4j.kernels.library.CudaException;
import io.github.f2d4j.kernels.library.LoadedLibrary;
import io.github.f2d4j.kernels.library.NativeText;
import io.github.f2d4j.kernels.library.Rethrown;
import io.github.f2d4j.kernels.library.SignatureTable;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The driver's functions that are called without JCuda: those that return numbers, for which JCuda
 * would take heap arrays, kernel launches, which cost 14 ns this way and 2–4 µs through JCuda, and
 * the loading of PTX with its log. Source: CUDA Driver API reference manual, versions 12 and 13.
 */
public final class DriverApi {
  /** The signatures; {@code unsigned}, enumerations and CUdevice are I, CUdeviceptr is J. */
  public static final SignatureTable SIGNATURES =
      new SignatureTable(
          "CUDA driver",
          """
          I cuInit(I Flags)
          I cuDriverGetVersion(P driverVersion)
          I cuDeviceGetCount(P count)
          I cuDeviceGet(P device, I ordinal)
          I cuDeviceGetName(P name, I len, I dev)
          I cuDeviceGetAttribute(P pi, I attrib, I dev)
          I cuDeviceTotalMem_v2(P bytes, I dev)
          I cuMemGetInfo_v2(P free, P total)
          I cuGetErrorName(I error, P pStr)
          I cuGetErrorString(I error, P pStr)
          I cuModuleLoadDataEx(P module, P image, I numOptions, P options, P optionValues)
          I cuModuleGetFunction(P hfunc, P hmod, P name)
          I cuModuleUnload(P hmod)
          I cuModuleGetGlobal_v2(P dptr, P bytes, P hmod, P name)
          I cuFuncSetAttribute(P hfunc, I attrib, I value)
          I cuFuncGetAttribute(P pi, I attrib, P hfunc)
          I cuEventElapsedTime(P pMilliseconds, P hStart, P hEnd)
          I cuLaunchKernel(P f, I gridDimX, I gridDimY, I gridDimZ,
              I blockDimX, I blockDimY, I blockDimZ, I sharedMemBytes,
              P hStream, P kernelParams, P extra)
          """);

  private static final MethodHandle INIT = SIGNATURES.handle("cuInit");
  private static final MethodHandle DRIVER_VERSION = SIGNATURES.handle("cuDriverGetVersion");
  private static final MethodHandle COUNT = SIGNATURES.handle("cuDeviceGetCount");
  private static final MethodHandle DEVICE = SIGNATURES.handle("cuDeviceGet");
  private static final MethodHandle NAME = SIGNATURES.handle("cuDeviceGetName");
  private static final MethodHandle ATTRIBUTE = SIGNATURES.handle("cuDeviceGetAttribute");
  private static final MethodHandle TOTAL_MEMORY = SIGNATURES.handle("cuDeviceTotalMem_v2");
  private static final MethodHandle MEMORY_INFO = SIGNATURES.handle("cuMemGetInfo_v2");
  private static final MethodHandle ERROR_NAME = SIGNATURES.handle("cuGetErrorName");
  private static final MethodHandle ERROR_STRING = SIGNATURES.handle("cuGetErrorString");
  private static final MethodHandle LOAD_MODULE = SIGNATURES.handle("cuModuleLoadDataEx");
  private static final MethodHandle FUNCTION = SIGNATURES.handle("cuModuleGetFunction");
  private static final MethodHandle UNLOAD = SIGNATURES.handle("cuModuleUnload");
  private static final MethodHandle GLOBAL = SIGNATURES.handle("cuModuleGetGlobal_v2");
  private static final MethodHandle SET_ATTRIBUTE = SIGNATURES.handle("cuFuncSetAttribute");
  private static final MethodHandle GET_ATTRIBUTE = SIGNATURES.handle("cuFuncGetAttribute");
  private static final MethodHandle ELAPSED = SIGNATURES.handle("cuEventElapsedTime");
  private static final MethodHandle LAUNCH = SIGNATURES.handle("cuLaunchKernel");

  /** CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT. */
  public static final int MULTIPROCESSORS = 16;

  /** CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR. */
  public static final int CAPABILITY_MAJOR = 75;

  /** CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR. */
  public static final int CAPABILITY_MINOR = 76;

  /** CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN. */
  public static final int SHARED_MEMORY_OPTIN = 97;

  /** CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES. */
  public static final int MAX_DYNAMIC_SHARED = 8;

  private static final int JIT_INFO_LOG_BUFFER = 3;
  private static final int JIT_INFO_LOG_BYTES = 4;
  private static final int JIT_ERROR_LOG_BUFFER = 5;
  private static final int JIT_ERROR_LOG_BYTES = 6;
  private static final int LOG_BYTES = 16 << 10;
  private static final int NAME_BYTES = 256;

  private final LoadedLibrary library;
  private final MemorySegment launch;

  /** The functions of {@code library}, each of which must be there. */
  public DriverApi(LoadedLibrary library) {
    this.library = library;
    SIGNATURES.signatures().forEach(s -> library.address(s.name()));
    this.launch = library.address("cuLaunchKernel");
  }

  /** The library behind these functions. */
  public LoadedLibrary library() {
    return library;
  }

  /** Starts the driver; fails with CUDA_ERROR_NO_DEVICE where there is no GPU. */
  public void initialize() {
    try {
      check("cuInit", (int) INIT.invokeExact(library.address("cuInit"), 0));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** The newest CUDA version that the driver supports, for example 12040 for 12.4. */
  public int version() {
    return intOf("cuDriverGetVersion", DRIVER_VERSION);
  }

  /** How many GPUs there are. */
  public int deviceCount() {
    return intOf("cuDeviceGetCount", COUNT);
  }

  private int intOf(String call, MethodHandle handle) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      check(call, (int) handle.invokeExact(library.address(call), out));
      return out.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** The driver's handle of the GPU number {@code ordinal}. */
  public int device(int ordinal) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      check("cuDeviceGet", (int) DEVICE.invokeExact(library.address("cuDeviceGet"), out, ordinal));
      return out.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** The product name of a GPU. */
  public String deviceName(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(NAME_BYTES);
      check(
          "cuDeviceGetName",
          (int) NAME.invokeExact(library.address("cuDeviceGetName"), out, NAME_BYTES, device));
      return NativeText.of(out);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** A property of a GPU, by its number in {@code CUdevice_attribute}. */
  public int deviceAttribute(int device, int attribute) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      MemorySegment address = library.address("cuDeviceGetAttribute");
      check("cuDeviceGetAttribute", (int) ATTRIBUTE.invokeExact(address, out, attribute, device));
      return out.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** The memory of a GPU in bytes. */
  public long totalMemory(int device) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG);
      MemorySegment address = library.address("cuDeviceTotalMem_v2");
      check("cuDeviceTotalMem_v2", (int) TOTAL_MEMORY.invokeExact(address, out, device));
      return out.get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** Free bytes of the current context's GPU. */
  public long freeMemory() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG, 2);
      MemorySegment address = library.address("cuMemGetInfo_v2");
      check("cuMemGetInfo_v2", (int) MEMORY_INFO.invokeExact(address, out, out.asSlice(8)));
      return out.get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /**
   * Compiles and loads PTX into the current context.
   *
   * @return the module's handle
   * @throws CudaException with the compiler's log if the driver refuses it
   */
  public long loadModule(String ptx) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      MemorySegment log = arena.allocate(LOG_BYTES);
      MemorySegment info = arena.allocate(LOG_BYTES);
      MemorySegment options =
          arena.allocateFrom(
              JAVA_INT,
              JIT_ERROR_LOG_BUFFER,
              JIT_ERROR_LOG_BYTES,
              JIT_INFO_LOG_BUFFER,
              JIT_INFO_LOG_BYTES);
      MemorySegment values =
          arena.allocateFrom(JAVA_LONG, log.address(), LOG_BYTES, info.address(), LOG_BYTES);
      MemorySegment image = arena.allocateFrom(ptx);
      MemorySegment address = library.address("cuModuleLoadDataEx");
      int status = (int) LOAD_MODULE.invokeExact(address, out, image, 4, options, values);
      check("cuModuleLoadDataEx", status, NativeText.of(log));
      return out.get(ADDRESS, 0).address();
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** The kernel {@code name} of a module. */
  public MemorySegment function(long module, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      MemorySegment address = library.address("cuModuleGetFunction");
      MemorySegment handle = MemorySegment.ofAddress(module);
      int status = (int) FUNCTION.invokeExact(address, out, handle, arena.allocateFrom(name));
      check("cuModuleGetFunction", status, name);
      return out.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** The device address of the global variable {@code name} of a module. */
  public long global(long module, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_LONG, 2);
      MemorySegment address = library.address("cuModuleGetGlobal_v2");
      MemorySegment handle = MemorySegment.ofAddress(module);
      MemorySegment text = arena.allocateFrom(name);
      int status = (int) GLOBAL.invokeExact(address, out, out.asSlice(8), handle, text);
      check("cuModuleGetGlobal_v2", status, name);
      return out.get(JAVA_LONG, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** Lets a module go. */
  public void unloadModule(long module) {
    try {
      MemorySegment handle = MemorySegment.ofAddress(module);
      int status = (int) UNLOAD.invokeExact(library.address("cuModuleUnload"), handle);
      check("cuModuleUnload", status);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** Sets a property of a kernel, by its number in {@code CUfunction_attribute}. */
  public void setFunctionAttribute(MemorySegment function, int attribute, int value) {
    try {
      MemorySegment address = library.address("cuFuncSetAttribute");
      int status = (int) SET_ATTRIBUTE.invokeExact(address, function, attribute, value);
      check("cuFuncSetAttribute", status);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** A property of a kernel, by its number in {@code CUfunction_attribute}. */
  public int functionAttribute(MemorySegment function, int attribute) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_INT);
      MemorySegment address = library.address("cuFuncGetAttribute");
      int status = (int) GET_ATTRIBUTE.invokeExact(address, out, attribute, function);
      check("cuFuncGetAttribute", status);
      return out.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /** Milliseconds between two events that have happened. */
  public float elapsedMillis(long start, long end) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(JAVA_FLOAT);
      MemorySegment address = library.address("cuEventElapsedTime");
      MemorySegment from = MemorySegment.ofAddress(start);
      MemorySegment to = MemorySegment.ofAddress(end);
      check("cuEventElapsedTime", (int) ELAPSED.invokeExact(address, out, from, to));
      return out.get(JAVA_FLOAT, 0);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  /**
   * Starts a kernel.
   *
   * @param grid blocks
   * @param block threads of a block
   * @param sharedBytes dynamic shared memory of a block
   * @param parameters an off-heap array with the address of each argument
   */
  public void launch(
      MemorySegment function,
      Dim3 grid,
      Dim3 block,
      int sharedBytes,
      MemorySegment stream,
      MemorySegment parameters) {
    int status;
    try {
      status =
          (int)
              LAUNCH.invokeExact(
                  launch,
                  function,
                  grid.x(),
                  grid.y(),
                  grid.z(),
                  block.x(),
                  block.y(),
                  block.z(),
                  sharedBytes,
                  stream,
                  parameters,
                  MemorySegment.NULL);
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
    if (status != 0) {
      check(
          "cuLaunchKernel",
          status,
          "grid " + grid + ", block " + block + ", shared memory " + sharedBytes + " bytes");
    }
  }

  /** Does nothing if {@code status} is success, and throws what it means if not. */
  void check(String call, int status) {
    check(call, status, "");
  }

  /**
   * Does nothing if {@code status} is success, and throws what it means if not.
   *
   * @param detail what else is known, such as a log
   */
  void check(String call, int status, String detail) {
    if (status != 0) {
      String text = statusText(ERROR_STRING, "cuGetErrorString", status);
      throw CudaException.failedCall(
          library.toString(),
          call,
          status,
          statusText(ERROR_NAME, "cuGetErrorName", status),
          detail.isEmpty() ? text : text + ": " + detail);
    }
  }

  /** Both functions leave null where they do not know the status. */
  private String statusText(MethodHandle handle, String symbol, int status) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment out = arena.allocate(ADDRESS);
      int known = (int) handle.invokeExact(library.address(symbol), status, out);
      String text = NativeText.of(out.get(ADDRESS, 0));
      return known == 0 && !text.isEmpty() ? text : "unknown to this driver";
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }
}
