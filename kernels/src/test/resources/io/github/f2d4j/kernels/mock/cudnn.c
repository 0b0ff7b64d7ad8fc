// libcudnn 8 or 9, as VERSION says: the same functions, other status codes.
#include "mock.h"

typedef void* P;
typedef const void* CP;

#if VERSION >= 90000
enum { BAD_PARAM = 2000, NOT_SUPPORTED = 3000 };
EXPORT void cudnnGetLastErrorString(char* message, size_t bytes) {
  mock_arg list[] = {A(message), A(bytes)};
  mock_write(__func__, 2, list);
  if (mock_number("raw", -1) == -1) snprintf(message, bytes, "because the mock\n  says so");
}
#else
enum { BAD_PARAM = 3, NOT_SUPPORTED = 9 };
#endif

EXPORT size_t cudnnGetVersion(void) {
  RECORD_NOTHING(size_t);
  return VERSION;
}
EXPORT size_t cudnnGetCudartVersion(void) {
  RECORD_NOTHING(size_t);
  return (size_t)mock_number("cudart", CUDART);
}
EXPORT const char* cudnnGetErrorString(int status) {
  RECORD_AS(const char*, A(status));
  return status == 0               ? "CUDNN_STATUS_SUCCESS"
         : status == BAD_PARAM     ? "CUDNN_STATUS_BAD_PARAM"
         : status == NOT_SUPPORTED ? "CUDNN_STATUS_NOT_SUPPORTED"
                                   : "CUDNN_STATUS_UNKNOWN";
}
EXPORT int cudnnCreate(P* handle) {
  RECORD(A(handle));
  *handle = (P)0x5555666677778888;
  return RESULT;
}
EXPORT int cudnnDestroy(P handle) { RECORD(A(handle)); return RESULT; }
EXPORT int cudnnSetStream(P handle, P stream) { RECORD(A(handle), A(stream)); return RESULT; }

// Each descriptor has an address of its own: kind, and how many there were before.
static P descriptor(unsigned long kind) {
  static unsigned long count;
  return (P)((kind << 32) + ++count);
}
EXPORT int cudnnCreateTensorDescriptor(P* d) {
  RECORD(A(d));
  *d = descriptor(0x7e);
  return RESULT;
}
EXPORT int cudnnDestroyTensorDescriptor(P d) { RECORD(A(d)); return RESULT; }
EXPORT int cudnnSetTensor4dDescriptor(P d, int format, int type, int n, int c, int h, int w) {
  RECORD(A(d), A(format), A(type), A(n), A(c), A(h), A(w));
  return RESULT;
}
EXPORT int cudnnCreateFilterDescriptor(P* d) {
  RECORD(A(d));
  *d = descriptor(0xf1);
  return RESULT;
}
EXPORT int cudnnDestroyFilterDescriptor(P d) { RECORD(A(d)); return RESULT; }
EXPORT int cudnnSetFilter4dDescriptor(P d, int type, int format, int k, int c, int h, int w) {
  RECORD(A(d), A(type), A(format), A(k), A(c), A(h), A(w));
  return RESULT;
}
EXPORT int cudnnCreateConvolutionDescriptor(P* d) {
  RECORD(A(d));
  *d = descriptor(0xc0);
  return RESULT;
}
EXPORT int cudnnDestroyConvolutionDescriptor(P d) { RECORD(A(d)); return RESULT; }
EXPORT int cudnnSetConvolution2dDescriptor(P d, int padh, int padw, int u, int v, int dilh,
                                           int dilw, int mode, int compute) {
  RECORD(A(d), A(padh), A(padw), A(u), A(v), A(dilh), A(dilw), A(mode), A(compute));
  return RESULT;
}
EXPORT int cudnnSetConvolutionMathType(P d, int math) { RECORD(A(d), A(math)); return RESULT; }
EXPORT int cudnnCreateActivationDescriptor(P* d) {
  RECORD(A(d));
  *d = descriptor(0xac);
  return RESULT;
}
EXPORT int cudnnDestroyActivationDescriptor(P d) { RECORD(A(d)); return RESULT; }
EXPORT int cudnnSetActivationDescriptor(P d, int mode, int nan, double coefficient) {
  RECORD(A(d), A(mode), A(nan), A(coefficient));
  return RESULT;
}

typedef struct {
  int algo;
  int status;
  float time;
  size_t memory;
  int determinism;
  int math;
  int reserved[3];
} perf;

// The second algorithm cannot be used.
static void results(int requested, int* returned, perf* p, float time) {
  int count = requested < 4 ? requested : 4;
  size_t memory = (size_t)mock_number("memory", 7l << 32);
  for (int i = 0; i < count; i++)
    p[i] = (perf){i + 1, i == 1 ? NOT_SUPPORTED : 0, time * (float)(i + 1), memory + (unsigned)i,
                  i & 1, i + 10, {0}};
  *returned = count;
}
EXPORT int cudnnGetConvolutionForwardAlgorithm_v7(P handle, P x, P w, P conv, P y, int requested,
                                                  int* returned, perf* p) {
  RECORD(A(handle), A(x), A(w), A(conv), A(y), A(requested), A(returned), A(p));
  results(requested, returned, p, -1);
  return RESULT;
}
EXPORT int cudnnFindConvolutionForwardAlgorithmEx(P handle, P xd, CP x, P wd, CP w, P conv, P yd,
                                                  P y, int requested, int* returned, perf* p,
                                                  P workspace, size_t bytes) {
  RECORD(A(handle), A(xd), A(x), A(wd), A(w), A(conv), A(yd), A(y), A(requested), A(returned), A(p),
         A(workspace), A(bytes));
  results(requested, returned, p, 0.5f);
  return RESULT;
}
EXPORT int cudnnGetConvolutionForwardWorkspaceSize(P handle, P x, P w, P conv, P y, int algo,
                                                   size_t* bytes) {
  RECORD(A(handle), A(x), A(w), A(conv), A(y), A(algo), A(bytes));
  *bytes = (size_t)mock_number("workspace", 9l << 32);
  return RESULT;
}
static void factors(const float* alpha, const float* beta) {
  uint32_t a, b;
  memcpy(&a, alpha, sizeof a);
  memcpy(&b, beta, sizeof b);
  mock_arg list[] = {A(a), A(b)};
  mock_write("factors", 2, list);
}
EXPORT int cudnnConvolutionForward(P handle, CP alpha, P xd, CP x, P wd, CP w, P conv, int algo,
                                   P workspace, size_t bytes, CP beta, P yd, P y) {
  RECORD(A(handle), A(alpha), A(xd), A(x), A(wd), A(w), A(conv), A(algo), A(workspace), A(bytes),
         A(beta), A(yd), A(y));
  factors(alpha, beta);
  return algo == 99 ? NOT_SUPPORTED : RESULT;
}
EXPORT int cudnnConvolutionBiasActivationForward(P handle, CP alpha1, P xd, CP x, P wd, CP w,
                                                 P conv, int algo, P workspace, size_t bytes,
                                                 CP alpha2, P zd, CP z, P bd, CP bias, P ad, P yd,
                                                 P y) {
  RECORD(A(handle), A(alpha1), A(xd), A(x), A(wd), A(w), A(conv), A(algo), A(workspace), A(bytes),
         A(alpha2), A(zd), A(z), A(bd), A(bias), A(ad), A(yd), A(y));
  factors(alpha1, alpha2);
  return RESULT;
}
EXPORT int cudnnBackendCreateDescriptor(int type, P* d) { RECORD(A(type), A(d)); return RESULT; }
EXPORT int cudnnBackendDestroyDescriptor(P d) { RECORD(A(d)); return RESULT; }
EXPORT int cudnnBackendSetAttribute(P d, int name, int type, int64_t count, CP elements) {
  RECORD(A(d), A(name), A(type), A(count), A(elements));
  return RESULT;
}
EXPORT int cudnnBackendFinalize(P d) { RECORD(A(d)); return RESULT; }
EXPORT int cudnnBackendExecute(P handle, P plan, P pack) {
  RECORD(A(handle), A(plan), A(pack));
  return RESULT;
}
