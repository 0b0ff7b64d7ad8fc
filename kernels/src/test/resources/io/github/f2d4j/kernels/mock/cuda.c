// libcuda: one GPU whose memory is the host's. Where cuda.h is at hand the compiler compares.
#include "mock.h"
#include <stdlib.h>

#ifdef WITH_CUDA_HEADER
#include <cuda.h>
#undef cuEventElapsedTime
CUresult cuEventElapsedTime(float*, CUevent, CUevent);
#define OK CUDA_SUCCESS
#else
typedef int CUresult;
typedef int CUdevice;
typedef unsigned long long CUdeviceptr;
typedef struct CUctx_st* CUcontext;
typedef struct CUmod_st* CUmodule;
typedef struct CUfunc_st* CUfunction;
typedef struct CUstream_st* CUstream;
typedef struct CUevent_st* CUevent;
typedef struct CUgraph_st* CUgraph;
typedef struct CUgraphExec_st* CUgraphExec;
typedef unsigned CUdevice_attribute, CUfunction_attribute, CUjit_option, CUstreamCaptureMode;
#define OK 0
#endif

#undef cuMemAlloc
#undef cuMemFree
#undef cuMemcpyHtoDAsync
#undef cuMemcpyDtoHAsync
#undef cuMemcpyDtoDAsync
#undef cuStreamBeginCapture
#undef cuStreamDestroy
#undef cuEventDestroy
#undef cuDevicePrimaryCtxRelease
#undef cuDeviceTotalMem
#undef cuMemGetInfo
#undef cuModuleGetGlobal

#define R(...) RECORD_AS(CUresult, __VA_ARGS__)
#define DONE return (CUresult)RESULT

EXPORT CUresult cuInit(unsigned flags) { R(A(flags)); DONE; }
EXPORT CUresult cuDriverGetVersion(int* version) {
  R(A(version));
  *version = (int)mock_number("version", 13000);
  DONE;
}
EXPORT CUresult cuDeviceGetCount(int* count) {
  R(A(count));
  *count = (int)mock_number("devices", 1);
  DONE;
}
EXPORT CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  R(A(device), A(ordinal));
  *device = ordinal + 40;
  DONE;
}
EXPORT CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
  R(A(name), A(length), A(device));
  snprintf(name, (size_t)length, "Mock GPU %d", device);
  DONE;
}
EXPORT CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
  R(A(value), A(attribute), A(device));
  *value = attribute == 75 ? (int)mock_number("major", 9)
           : attribute == 76 ? 0
           : attribute == 16 ? 132
                             : (int)(attribute + 1000);
  DONE;
}
EXPORT CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice device) {
  R(A(bytes), A(device));
  *bytes = 139ul << 30;
  DONE;
}
EXPORT CUresult cuMemGetInfo_v2(size_t* free, size_t* total) {
  R(A(free), A(total));
  *free = 5ul << 32;
  *total = 6ul << 32;
  DONE;
}
EXPORT CUresult cuGetErrorName(CUresult error, const char** text) {
  R(A(error), A(text));
  *text = error == 2     ? "CUDA_ERROR_OUT_OF_MEMORY"
          : error == 100 ? "CUDA_ERROR_NO_DEVICE"
          : error == 218 ? "CUDA_ERROR_INVALID_PTX"
                         : NULL;
  return *text ? OK : (CUresult)1;
}
EXPORT CUresult cuGetErrorString(CUresult error, const char** text) {
  R(A(error), A(text));
  *text = error == 2     ? "out of memory"
          : error == 100 ? "no CUDA-capable device is detected"
          : error == 218 ? "a PTX JIT compilation failed"
                         : NULL;
  return *text ? OK : (CUresult)1;
}
EXPORT CUresult cuModuleLoadDataEx(CUmodule* module, const void* image, unsigned count,
                                   CUjit_option* options, void** values) {
  R(A(module), A(image), A(count), A(options), A(values));
  for (unsigned i = 0; i < count; i++)
    if (options[i] == 5) snprintf((char*)values[i], 100, "ptxas: line 3\nsyntax error");
  *module = (CUmodule)0x6000000061;
  DONE;
}
EXPORT CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  R(A(function), A(module), A(name));
  *function = (CUfunction)(0x7000000000 + name[0]);
  DONE;
}
EXPORT CUresult cuModuleUnload(CUmodule module) { R(A(module)); DONE; }
EXPORT CUresult cuModuleGetGlobal_v2(CUdeviceptr* address, size_t* bytes, CUmodule module,
                                     const char* name) {
  R(A(address), A(bytes), A(module), A(name));
  *address = 0x7fff12345678;
  *bytes = 64;
  DONE;
}
EXPORT CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  R(A(function), A(attribute), A(value));
  DONE;
}
EXPORT CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction function) {
  R(A(value), A(attribute), A(function));
  *value = (int)attribute + 500;
  DONE;
}
EXPORT CUresult cuEventElapsedTime(float* millis, CUevent start, CUevent end) {
  R(A(millis), A(start), A(end));
  *millis = 1.25f;
  DONE;
}
EXPORT CUresult cuLaunchKernel(CUfunction f, unsigned gx, unsigned gy, unsigned gz, unsigned bx,
                               unsigned by, unsigned bz, unsigned shared, CUstream stream,
                               void** parameters, void** extra) {
  R(A(f), A(gx), A(gy), A(gz), A(bx), A(by), A(bz), A(shared), A(stream), A(parameters), A(extra));
  // The arguments themselves: a pointer, an int and a float, as the test's kernel has them.
  float third = *(float*)parameters[2];
  uint32_t bits;
  memcpy(&bits, &third, sizeof bits);
  mock_arg list[] = {A(*(unsigned long long*)parameters[0]), A(*(int*)parameters[1]), A(bits)};
  mock_write("arguments", 3, list);
  DONE;
}

// Through JCuda.
EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
  R(A(context), A(device));
  *context = (CUcontext)(0x1000000011 + (device > 40 ? 0x100ul * (unsigned)(device - 40) : 0));
  DONE;
}
EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) { R(A(device)); DONE; }
EXPORT CUresult cuCtxSetCurrent(CUcontext context) { R(A(context)); DONE; }
EXPORT CUresult cuCtxSynchronize(void) { RECORD_NOTHING(CUresult); DONE; }
EXPORT CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  R(A(address), A(bytes));
  *address = bytes > 1ul << 40 ? 0 : (CUdeviceptr)calloc(1, bytes);
  return *address ? OK : (CUresult)2;
}
EXPORT CUresult cuMemFree_v2(CUdeviceptr address) {
  R(A(address));
  free((void*)address);
  DONE;
}
EXPORT CUresult cuMemHostAlloc(void** address, size_t bytes, unsigned flags) {
  R(A(address), A(bytes), A(flags));
  *address = calloc(1, bytes);
  DONE;
}
EXPORT CUresult cuMemFreeHost(void* address) {
  R(A(address));
  free(address);
  DONE;
}
EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream s) {
  R(A(to), A(from), A(bytes), A(s));
  memcpy((void*)to, from, bytes);
  DONE;
}
EXPORT CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream s) {
  R(A(to), A(from), A(bytes), A(s));
  memcpy(to, (void*)from, bytes);
  DONE;
}
EXPORT CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream s) {
  R(A(to), A(from), A(bytes), A(s));
  memcpy((void*)to, (void*)from, bytes);
  DONE;
}
EXPORT CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t bytes, CUstream s) {
  R(A(to), A((unsigned)value), A(bytes), A(s));
  memset((void*)to, value, bytes);
  DONE;
}
EXPORT CUresult cuStreamCreate(CUstream* stream, unsigned flags) {
  R(A(stream), A(flags));
  *stream = (CUstream)0x2000000022;
  DONE;
}
EXPORT CUresult cuStreamSynchronize(CUstream stream) { R(A(stream)); DONE; }
EXPORT CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned flags) {
  R(A(stream), A(event), A(flags));
  DONE;
}
EXPORT CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode mode) {
  R(A(stream), A(mode));
  DONE;
}
EXPORT CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  R(A(stream), A(graph));
  *graph = (CUgraph)0x4000000044;
  DONE;
}
EXPORT CUresult cuStreamDestroy_v2(CUstream stream) { R(A(stream)); DONE; }
EXPORT CUresult cuEventCreate(CUevent* event, unsigned flags) {
  R(A(event), A(flags));
  *event = (CUevent)(0x3000000030ul + flags);
  DONE;
}
EXPORT CUresult cuEventRecord(CUevent event, CUstream stream) { R(A(event), A(stream)); DONE; }
EXPORT CUresult cuEventSynchronize(CUevent event) { R(A(event)); DONE; }
EXPORT CUresult cuEventDestroy_v2(CUevent event) { R(A(event)); DONE; }
#ifndef WITHOUT_GRAPHS
EXPORT CUresult cuGraphInstantiateWithFlags(CUgraphExec* exec, CUgraph graph,
                                            unsigned long long flags) {
  R(A(exec), A(graph), A(flags));
  *exec = (CUgraphExec)0x5000000055;
  DONE;
}
EXPORT CUresult cuGraphLaunch(CUgraphExec exec, CUstream stream) { R(A(exec), A(stream)); DONE; }
EXPORT CUresult cuGraphExecDestroy(CUgraphExec exec) { R(A(exec)); DONE; }
EXPORT CUresult cuGraphDestroy(CUgraph graph) { R(A(graph)); DONE; }
#endif
