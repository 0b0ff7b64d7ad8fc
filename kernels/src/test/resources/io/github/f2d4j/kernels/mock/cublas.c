// libcublas of version VERSION.
#include "mock.h"

typedef void* P;
typedef const void* CP;

EXPORT const char* cublasGetStatusName(int status) {
  RECORD_AS(const char*, A(status));
  return status == 3    ? "CUBLAS_STATUS_ALLOC_FAILED"
         : status == 15 ? "CUBLAS_STATUS_NOT_SUPPORTED"
                        : "CUBLAS_STATUS_OTHER";
}
EXPORT const char* cublasGetStatusString(int status) {
  RECORD_AS(const char*, A(status));
  return status == 3 ? "the resource allocation failed" : "the functionality is not supported";
}
EXPORT int cublasCreate_v2(P* handle) {
  RECORD(A(handle));
  *handle = (P)0x1111222233334444;
  return RESULT;
}
EXPORT int cublasDestroy_v2(P handle) { RECORD(A(handle)); return RESULT; }
EXPORT int cublasGetVersion_v2(P handle, int* version) {
  RECORD(A(handle), A(version));
  *version = VERSION;
  return RESULT;
}
EXPORT int cublasSetStream_v2(P handle, P stream) { RECORD(A(handle), A(stream)); return RESULT; }
EXPORT int cublasSetMathMode(P handle, int mode) { RECORD(A(handle), A(mode)); return RESULT; }
EXPORT int cublasSetWorkspace_v2(P handle, P workspace, size_t bytes) {
  RECORD(A(handle), A(workspace), A(bytes));
  return RESULT;
}

// alpha and beta are read, as cuBLAS does before the call returns.
static void factors(const float* alpha, const float* beta) {
  uint32_t a, b;
  memcpy(&a, alpha, sizeof a);
  memcpy(&b, beta, sizeof b);
  mock_arg list[] = {A(a), A(b)};
  mock_write("factors", 2, list);
}

EXPORT int cublasGemmEx(P handle, int transa, int transb, int m, int n, int k, CP alpha, CP a,
                        int atype, int lda, CP b, int btype, int ldb, CP beta, P c, int ctype,
                        int ldc, int compute, int algo) {
  RECORD(A(handle), A(transa), A(transb), A(m), A(n), A(k), A(alpha), A(a), A(atype), A(lda), A(b),
         A(btype), A(ldb), A(beta), A(c), A(ctype), A(ldc), A(compute), A(algo));
  factors(alpha, beta);
  return RESULT;
}
EXPORT int cublasGemmStridedBatchedEx(P handle, int transa, int transb, int m, int n, int k,
                                      CP alpha, CP a, int atype, int lda, long long stridea, CP b,
                                      int btype, int ldb, long long strideb, CP beta, P c,
                                      int ctype, int ldc, long long stridec, int batch,
                                      int compute, int algo) {
  RECORD(A(handle), A(transa), A(transb), A(m), A(n), A(k), A(alpha), A(a), A(atype), A(lda),
         A(stridea), A(b), A(btype), A(ldb), A(strideb), A(beta), A(c), A(ctype), A(ldc),
         A(stridec), A(batch), A(compute), A(algo));
  factors(alpha, beta);
  return RESULT;
}
