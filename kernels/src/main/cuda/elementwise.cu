// What computes each element from the elements at the same place: the end of a matrix product or
// convolution (bias, activation, residual), GEGLU, casts and the timestep embedding.
//
// Why so plain. These kernels move bytes: a multiply-add per byte is less than the memory can feed. So
// the only care is to touch memory once, in requests as wide as possible (element.cuh), with enough
// threads in flight; a loop over the grid, which mostly runs once, takes what is left. A cuBLASLt or cuDNN that fuses the bias
// itself makes `epilogue` unnecessary; it stands in where there is none.
#include "element.cuh"
#include "trigonometry.cuh"

enum Activation { NONE, RELU, SILU, GELU, QUICK_GELU };  // the order of the engine's Activation

__device__ __forceinline__ float activate(float x, int activation) {
  switch (activation) {
    case RELU: return fmaxf(x, 0.f);
    case SILU: return silu(x);
    case GELU: return gelu(x);
    case QUICK_GELU: return x * sigmoid(1.702f * x);
    default: return x;
  }
}

// y = activation(x + bias) + residual: x, residual, y [rows,columns], bias [columns]; bias and
// residual may be absent (null). y may be x or residual.
template <typename T, int VEC>
__device__ __forceinline__ void epilogue(const T* x, const T* __restrict__ bias, const T* residual,
                                         T* y, int rows, int columns, int activation) {
  const size_t count = (size_t)rows * columns, step = (size_t)gridDim.x * blockDim.x * VEC;
#pragma unroll 1
  for (size_t i = ((size_t)blockIdx.x * blockDim.x + threadIdx.x) * VEC; i < count; i += step) {
    float v[VEC], other[VEC];
    load<T, VEC>(x + i, v);
    if (bias != nullptr) {
      load<T, VEC>(bias + i % columns, other);
#pragma unroll
      for (int j = 0; j < VEC; j++) v[j] += other[j];
    }
#pragma unroll
    for (int j = 0; j < VEC; j++) v[j] = activate(v[j], activation);
    if (residual != nullptr) {
      load<T, VEC>(residual + i, other);
#pragma unroll
      for (int j = 0; j < VEC; j++) v[j] += other[j];
    }
    store<T, VEC>(y + i, v);
  }
}

// y = h·gelu(gate) of the halves of x + bias: x [rows,2·columns], bias [2·columns] or null,
// y [rows,columns].
template <typename T, int VEC>
__device__ __forceinline__ void geglu(const T* __restrict__ x, const T* __restrict__ bias,
                                      T* __restrict__ y, int rows, int columns) {
  const size_t count = (size_t)rows * columns, step = (size_t)gridDim.x * blockDim.x * VEC;
#pragma unroll 1
  for (size_t i = ((size_t)blockIdx.x * blockDim.x + threadIdx.x) * VEC; i < count; i += step) {
    const size_t row = i / columns;
    const int c = (int)(i - row * columns);
    float h[VEC], gate[VEC];
    load<T, VEC>(x + row * 2 * columns + c, h);
    load<T, VEC>(x + row * 2 * columns + columns + c, gate);
    if (bias != nullptr) {
      float b[VEC];
      load<T, VEC>(bias + c, b);
#pragma unroll
      for (int j = 0; j < VEC; j++) h[j] += b[j];
      load<T, VEC>(bias + columns + c, b);
#pragma unroll
      for (int j = 0; j < VEC; j++) gate[j] += b[j];
    }
#pragma unroll
    for (int j = 0; j < VEC; j++) h[j] *= gelu(gate[j]);
    store<T, VEC>(y + i, h);
  }
}

template <typename From, typename To>
__device__ __forceinline__ void cast(const From* __restrict__ x, To* __restrict__ y, int count) {
  const int step = gridDim.x * blockDim.x;
#pragma unroll 1
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += step) y[i] = narrow<To>(widen(x[i]));
}

// Sinusoidal timestep embedding (diffusers, get_timestep_embedding): timesteps [rows] and frequencies
// [half] in float32 → y [rows,width], cosines before sines if flip is set; an odd width ends in zero.
// The timestep is read from memory, so a captured graph serves every step.
template <typename T>
__device__ __forceinline__ void timestep_embedding(const float* __restrict__ timesteps,
                                                   const float* __restrict__ frequencies,
                                                   T* __restrict__ y, int rows, int width, bool flip) {
  const int half = width / 2, i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= rows * width) return;
  const int row = i / width, c = i % width;
  if (c == 2 * half) {
    y[i] = narrow<T>(0.f);
    return;
  }
  float sine, cosine;
  sine_cosine(timesteps[row] * frequencies[c % half], sine, cosine);
  y[i] = narrow<T>((c < half) == flip ? cosine : sine);
}

// block 256; grid (threads needed)/256, at most 4096 where there is a loop over the grid
#define ELEMENTWISE(NAME, T)                                                                      \
  extern "C" __global__ void __launch_bounds__(256) epilogue_##NAME(                              \
      const T* x, const T* bias, const T* residual, T* y, int rows, int columns, int activation) { \
    if (vectors<T>(columns, x, bias, residual, y)) {                                              \
      epilogue<T, kVector<T>>(x, bias, residual, y, rows, columns, activation);                   \
    } else {                                                                                      \
      epilogue<T, 1>(x, bias, residual, y, rows, columns, activation);                            \
    }                                                                                             \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(256) geglu_##NAME(                                 \
      const T* x, const T* bias, T* y, int rows, int columns) {                                   \
    if (vectors<T>(columns, x, bias, y)) {                                                        \
      geglu<T, kVector<T>>(x, bias, y, rows, columns);                                            \
    } else {                                                                                      \
      geglu<T, 1>(x, bias, y, rows, columns);                                                     \
    }                                                                                             \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(256) timestep_embedding_##NAME(                    \
      const float* timesteps, const float* frequencies, T* y, int rows, int width, int flip) {    \
    timestep_embedding<T>(timesteps, frequencies, y, rows, width, flip);                          \
  }
FOR_EACH_TYPE(ELEMENTWISE)

#define CAST(FROM, From, TO, To)                                             \
  extern "C" __global__ void __launch_bounds__(256) cast_##FROM##_##TO(      \
      const From* x, To* y, int count) {                                     \
    cast<From, To>(x, y, count);                                             \
  }
CAST(f32, float, f16, __half)
CAST(f32, float, bf16, __nv_bfloat16)
CAST(f16, __half, f32, float)
CAST(f16, __half, bf16, __nv_bfloat16)
CAST(bf16, __nv_bfloat16, f32, float)
CAST(bf16, __nv_bfloat16, f16, __half)
