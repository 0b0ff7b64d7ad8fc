// Any function of the engine's elementwise family, with broadcasting; and chains of them.
//
// Why so general. What a network does often has a kernel of its own (elementwise.cu) or is the end of a
// matrix product. The rest, an embedding's activation or a sampler's arithmetic on small tensors, costs
// a launch and not much more: one kernel that knows all functions, chosen by a number that is the same
// in every thread, spares dozens of kernels. A chain keeps its intermediate values in shared memory,
// a column for each thread, since registers cannot be indexed.
#include "axes.cuh"
#include "element.cuh"
#include "trigonometry.cuh"

enum Function {
  NEG, ABS, EXP, LOG, SQRT, RSQRT, RECIPROCAL, SQUARE, TANH, ERF, SIGMOID, SIN, COS, RELU, SILU, GELU,
  QUICK_GELU, LEAKY_RELU, CLAMP, AFFINE,         // of a, and the constants alpha and beta
  ADD, SUB, MUL, DIV, MAX, MIN, POW, PRELU       // of a and b
};  // the order of the catalog's PointFunction

// Not fmaxf and fminf: those drop what is no number.
__device__ __forceinline__ float larger(float a, float b) { return a > b || a != a ? a : b; }
__device__ __forceinline__ float smaller(float a, float b) { return a < b || a != a ? a : b; }

__device__ __forceinline__ float apply(int function, float a, float b, float alpha, float beta) {
  float sine, cosine;
  switch (function) {
    case NEG: return -a;
    case ABS: return fabsf(a);
    case EXP: return expf(a);
    case LOG: return logf(a);
    case SQRT: return sqrtf(a);
    case RSQRT: return 1.f / sqrtf(a);
    case RECIPROCAL: return 1.f / a;
    case SQUARE: return a * a;
    case TANH: return tanhf(a);
    case ERF: return erff(a);
    case SIGMOID: return sigmoid(a);
    case SIN: sine_cosine(a, sine, cosine); return sine;
    case COS: sine_cosine(a, sine, cosine); return cosine;
    case RELU: return larger(a, 0.f);
    case SILU: return silu(a);
    case GELU: return gelu(a);
    case QUICK_GELU: return a * sigmoid(1.702f * a);
    case LEAKY_RELU: return a >= 0.f ? a : alpha * a;
    case CLAMP: return smaller(larger(a, alpha), beta);
    case AFFINE: return fmaf(a, alpha, beta);
    case ADD: return a + b;
    case SUB: return a - b;
    case MUL: return a * b;
    case DIV: return a / b;
    case MAX: return larger(a, b);
    case MIN: return smaller(a, b);
    case POW: return powf(a, b);
    default: return a >= 0.f ? a : b * a;  // PRELU
  }
}

// y[i] = function(a, b) over `count` elements; b is not read by functions of one argument. Strides of 0
// repeat an axis. y may be a or b where that one is not repeated.
template <typename T>
__device__ __forceinline__ void pointwise(const T* a, const T* b, T* y, int count, int function,
                                          float alpha, float beta, int rank,
                                          const int (&extent)[kMaxRank], const int (&in_a)[kMaxRank],
                                          const int (&in_b)[kMaxRank]) {
#pragma unroll 1
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
    const Places at = places(i, rank, extent, in_a, in_b);
    const float second = function >= ADD ? widen(b[at.second]) : 0.f;
    y[i] = narrow<T>(apply(function, widen(a[at.first]), second, alpha, beta));
  }
}

constexpr int kInputs = 6, kSteps = 12;
constexpr int kStepWords = 5;  // function, operands a and b, alpha, beta
enum Kind { FULL, SCALAR, LAST_AXIS };

// A chain: program [steps,5]. Operand i below `inputs` is input i, operand inputs + j the value of step
// j; the last step's value is the result. Bits 2i and 2i + 1 of `kinds` say how input i is repeated.
template <typename T>
__device__ __forceinline__ void chain(const int* __restrict__ program, int steps,
                                      const T* const (&input)[kInputs], int inputs, int kinds, T* y,
                                      int count, int columns) {
  __shared__ float values[kInputs + kSteps][256];
  const int lane = threadIdx.x;
#pragma unroll 1
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
#pragma unroll
    for (int k = 0; k < kInputs; k++) {
      if (k < inputs) {
        const int kind = (kinds >> (2 * k)) & 3;
        values[k][lane] = widen(input[k][kind == FULL ? i : kind == SCALAR ? 0 : i % columns]);
      }
    }
    float value = 0.f;
#pragma unroll 1
    for (int step = 0; step < steps; step++) {
      const int* word = program + step * kStepWords;
      value = apply(word[0], values[word[1]][lane], values[word[2]][lane], __int_as_float(word[3]),
                    __int_as_float(word[4]));
      values[inputs + step][lane] = value;
    }
    y[i] = narrow<T>(value);
  }
}

// block 256, grid min(⌈count/256⌉, 4096)
#define ELEMENTWISE_ANY(NAME, T)                                                                  \
  extern "C" __global__ void __launch_bounds__(256) pointwise_##NAME(                             \
      const T* a, const T* b, T* y, int count, int function, float alpha, float beta, int rank,   \
      SIX(int, n), SIX(int, s), SIX(int, t)) {                                                    \
    const int extent[] = {SIX_NAMES(n)}, in_a[] = {SIX_NAMES(s)}, in_b[] = {SIX_NAMES(t)};        \
    pointwise<T>(a, b, y, count, function, alpha, beta, rank, extent, in_a, in_b);                \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(256) chain_##NAME(                                 \
      const int* program, int steps, SIX(const T*, x), int inputs, int kinds, T* y, int count,    \
      int columns) {                                                                              \
    const T* const input[] = {SIX_NAMES(x)};                                                      \
    chain<T>(program, steps, input, inputs, kinds, y, count, columns);                            \
  }
FOR_EACH_TYPE(ELEMENTWISE_ANY)
