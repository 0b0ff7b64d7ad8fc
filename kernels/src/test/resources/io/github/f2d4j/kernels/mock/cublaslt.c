// libcublasLt of version VERSION.
#include "mock.h"

typedef void* P;
typedef const void* CP;

typedef struct {
  uint64_t data[8];
} algo;

typedef struct {
  algo algorithm;
  size_t workspace;
  int state;
  float waves;
  int reserved[4];
} heuristic;

EXPORT int cublasLtCreate(P* handle) {
  RECORD(A(handle));
  *handle = (P)0x1212121234343434;
  return RESULT;
}
EXPORT int cublasLtDestroy(P handle) { RECORD(A(handle)); return RESULT; }
EXPORT size_t cublasLtGetVersion(void) {
  RECORD_NOTHING(size_t);
  return VERSION;
}
EXPORT int cublasLtMatmulDescCreate(P* desc, int compute, int scale) {
  RECORD(A(desc), A(compute), A(scale));
  *desc = (P)0x5151515151;
  return RESULT;
}
EXPORT int cublasLtMatmulDescDestroy(P desc) { RECORD(A(desc)); return RESULT; }

// The attribute itself.
static void value(CP buffer, size_t bytes) {
  unsigned long long bits = 0;
  memcpy(&bits, buffer, bytes);
  mock_arg list[] = {A(bits)};
  mock_write("value", 1, list);
}
EXPORT int cublasLtMatmulDescSetAttribute(P desc, int attribute, CP buffer, size_t bytes) {
  RECORD(A(desc), A(attribute), A(buffer), A(bytes));
  value(buffer, bytes);
  return RESULT;
}
EXPORT int cublasLtMatrixLayoutCreate(P* layout, int type, uint64_t rows, uint64_t columns,
                                      int64_t ld) {
  RECORD(A(layout), A(type), A(rows), A(columns), A(ld));
  *layout = (P)(0x6100000000 + rows * 0x10000 + columns);
  return RESULT;
}
EXPORT int cublasLtMatrixLayoutDestroy(P layout) { RECORD(A(layout)); return RESULT; }
EXPORT int cublasLtMatmulPreferenceCreate(P* preference) {
  RECORD(A(preference));
  *preference = (P)0x7171717171;
  return RESULT;
}
EXPORT int cublasLtMatmulPreferenceDestroy(P preference) { RECORD(A(preference)); return RESULT; }
EXPORT int cublasLtMatmulPreferenceSetAttribute(P preference, int attribute, CP buffer,
                                                size_t bytes) {
  RECORD(A(preference), A(attribute), A(buffer), A(bytes));
  value(buffer, bytes);
  return RESULT;
}

// Of what it is asked for it gives the number "proposals" (default 3), the second one unusable.
EXPORT int cublasLtMatmulAlgoGetHeuristic(P handle, P desc, P a, P b, P c, P d, P preference,
                                          int requested, heuristic* results, int* returned) {
  RECORD(A(handle), A(desc), A(a), A(b), A(c), A(d), A(preference), A(requested), A(results),
         A(returned));
  int count = (int)mock_number("proposals", 3);
  for (int i = 0; i < count && i < requested; i++) {
    memset(&results[i], 0, sizeof results[i]);
    results[i].algorithm.data[0] = 0xa100 + (unsigned)i;
    results[i].algorithm.data[7] = 0xa700 + (unsigned)i;
    results[i].workspace = (5ul << 32) + (unsigned)i;
    results[i].state = i == 1 ? 15 : 0;
    results[i].waves = 0.5f;
  }
  *returned = count;
  return RESULT;
}
EXPORT int cublasLtMatmul(P handle, P desc, CP alpha, CP a, P ad, CP b, P bd, CP beta, CP c, P cd,
                          P d, P dd, const algo* algorithm, P workspace, size_t bytes, P stream) {
  RECORD(A(handle), A(desc), A(alpha), A(a), A(ad), A(b), A(bd), A(beta), A(c), A(cd), A(d), A(dd),
         A(algorithm), A(workspace), A(bytes), A(stream));
  uint32_t x, y;
  memcpy(&x, alpha, sizeof x);
  memcpy(&y, beta, sizeof y);
  mock_arg list[] = {A(x), A(y), A(algorithm->data[0]), A(algorithm->data[7])};
  mock_write("chosen", 4, list);
  return RESULT;
}
