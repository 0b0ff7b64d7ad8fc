package io.github.f2d4j.kernels.cuda;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUstream;

/** JCuda's handles, with the addresses that calls outside JCuda need. */
final class JCudaHandles {
  private JCudaHandles() {}

  /** Host memory by its address. */
  static final class HostAddress extends Pointer {
    HostAddress() {}

    HostAddress(long address) {
      super(address);
    }

    long address() {
      return getNativePointer();
    }
  }

  /** Device memory by its address. */
  static final class DeviceAddress extends CUdeviceptr {
    DeviceAddress() {}

    DeviceAddress(long address) {
      super(new CUdeviceptr(), address);
    }

    long address() {
      return getNativePointer() + getByteOffset();
    }
  }

  /** A stream. */
  static final class Stream extends CUstream {
    long address() {
      return getNativePointer();
    }
  }

  /** An event. */
  static final class Event extends CUevent {
    long address() {
      return getNativePointer();
    }
  }
}
