package io.github.f2d4j.kernels.cudnn;

import io.github.f2d4j.kernels.library.LoadedLibrary;
import io.github.f2d4j.kernels.library.Rethrown;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/** cuDNN 8 and 9, called by their own functions. */
final class FfmCudnn implements CudaDnn {
  private static final MethodHandle CREATE = CudnnApi.SIGNATURES.handle("cudnnCreate");
  private static final MethodHandle DESTROY = CudnnApi.SIGNATURES.handle("cudnnDestroy");
  private static final MethodHandle STREAM = CudnnApi.SIGNATURES.handle("cudnnSetStream");

  private final CudnnApi api;
  private final MemorySegment handle;
  private boolean open = true;

  /** cuDNN from {@code library}, whose parts are loaded. Needs a current context. */
  FfmCudnn(LoadedLibrary library) {
    this.api = new CudnnApi(library);
    this.handle = api.create("cudnnCreate", CREATE);
  }

  @Override
  public String describe() {
    return api.library() + " " + api.version() + " by FFM";
  }

  @Override
  public long version() {
    return api.version();
  }

  @Override
  public void setStream(long stream) {
    try {
      MemorySegment set = api.address("cudnnSetStream");
      MemorySegment to = MemorySegment.ofAddress(stream);
      api.check("cudnnSetStream", (int) STREAM.invokeExact(set, handle, to));
    } catch (Throwable e) {
      throw Rethrown.unchecked(e);
    }
  }

  @Override
  public DnnConvolution prepare(ConvolutionSpec spec) {
    return new LegacyConvolution(api, handle, spec);
  }

  @Override
  public void close() {
    if (open) {
      open = false;
      api.destroy("cudnnDestroy", DESTROY, handle);
    }
  }
}
