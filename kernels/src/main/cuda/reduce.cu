// Sums, means and extremes along an axis, over the last axis what softmax and L2 norm make of them, and
// pooling.
//
// Why two shapes of reduction. Along the last axis the elements of one result lie side by side, so a
// warp (or a block, if the row is long) shares them; along another axis those of neighbouring results
// do, so each thread takes a result of its own. Every sum has a fixed order: two runs give the same
// bits. Several axes that are no neighbours are reduced one after the other.
#include "element.cuh"

enum Kind { SUM, MEAN, MAX, MIN };  // the order of the engine's ReduceKind

// Not fmaxf and fminf: those drop what is no number.
__device__ __forceinline__ float combine(int kind, float a, float b) {
  if (kind == MAX) return a > b || a != a ? a : b;
  if (kind == MIN) return a < b || a != a ? a : b;
  return a + b;
}

__device__ __forceinline__ float neutral(int kind) {
  return kind == MAX ? -INFINITY : kind == MIN ? INFINITY : 0.f;
}

// Over the warp, in every lane.
__device__ __forceinline__ float warp_combine(int kind, float x) {
#pragma unroll 1
  for (int offset = 16; offset > 0; offset >>= 1) {
    x = combine(kind, x, __shfl_xor_sync(~0u, x, offset));
  }
  return x;
}

// x [rows,n] → y [rows]; `warps` (1 or all 8 of the block) share a row.
template <typename T>
__device__ __forceinline__ void reduce_rows(const T* __restrict__ x, T* __restrict__ y, int rows, int n,
                                            int kind, int warps) {
  __shared__ float parts[8];
  const int lane = threadIdx.x % 32, warp = threadIdx.x / 32;
  const int row = (blockIdx.x * 8 + warp) / warps, part = warp % warps;
  float value = neutral(kind);
  if (row < rows) {
#pragma unroll 1
    for (int i = part * 32 + lane; i < n; i += 32 * warps) {
      value = combine(kind, value, widen(x[(size_t)row * n + i]));
    }
    value = warp_combine(kind, value);
  }
  if (warps > 1) {
    if (lane == 0) parts[warp] = value;
    __syncthreads();
    value = warp_combine(kind, lane < 8 ? parts[lane] : neutral(kind));
  }
  if (row < rows && part == 0 && lane == 0) y[row] = narrow<T>(kind == MEAN ? value / n : value);
}

// x [outer,n,inner] → y [outer,inner]
template <typename T>
__device__ __forceinline__ void reduce_columns(const T* __restrict__ x, T* __restrict__ y, int outer,
                                               int n, int inner, int kind) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= outer * inner) return;
  const T* column = x + (size_t)(i / inner) * n * inner + i % inner;
  float value = neutral(kind);
#pragma unroll 1
  for (int k = 0; k < n; k++) value = combine(kind, value, widen(column[(size_t)k * inner]));
  y[i] = narrow<T>(kind == MEAN ? value / n : value);
}

// Softmax over rows, or its logarithm: x, y [rows,n]; a warp per row. y may be x.
template <typename T>
__device__ __forceinline__ void softmax(const T* x, T* y, int rows, int n, bool logarithm) {
  const int row = blockIdx.x * 8 + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (row >= rows) return;
  x += (size_t)row * n;
  y += (size_t)row * n;
  float largest = -INFINITY;
#pragma unroll 1
  for (int i = lane; i < n; i += 32) largest = combine(MAX, largest, widen(x[i]));
  largest = warp_combine(MAX, largest);
  float sum = 0.f;
#pragma unroll 1
  for (int i = lane; i < n; i += 32) sum += expf(widen(x[i]) - largest);
  sum = warp_sum(sum);
  const float scale = 1.f / sum, shift = largest + logf(sum);
#pragma unroll 1
  for (int i = lane; i < n; i += 32) {
    const float value = widen(x[i]);
    y[i] = narrow<T>(logarithm ? value - shift : expf(value - largest) * scale);
  }
}

// x / max(‖x‖₂, eps) over rows: x, y [rows,n]; a warp per row. y may be x.
template <typename T>
__device__ __forceinline__ void l2_normalize(const T* x, T* y, int rows, int n, float eps) {
  const int row = blockIdx.x * 8 + threadIdx.x / 32, lane = threadIdx.x % 32;
  if (row >= rows) return;
  x += (size_t)row * n;
  y += (size_t)row * n;
  float squares = 0.f;
#pragma unroll 1
  for (int i = lane; i < n; i += 32) squares = fmaf(widen(x[i]), widen(x[i]), squares);
  const float length = fmaxf(sqrtf(warp_sum(squares)), eps);
#pragma unroll 1
  for (int i = lane; i < n; i += 32) y[i] = narrow<T>(widen(x[i]) / length);
}

// Pooling: x [N,h,w,C] → y [N,height,width,C]. The maximum ignores the border; the mean counts it as
// zeros. The first window's corner lies at (-top, -left).
template <typename T>
__device__ __forceinline__ void pool(const T* __restrict__ x, T* __restrict__ y, int batch, int h, int w,
                                     int channels, int height, int width, int kernel_h, int kernel_w,
                                     int stride_h, int stride_w, int top, int left, bool mean) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= batch * height * width * channels) return;
  const int c = i % channels, column = i / channels % width;
  const int row = i / channels / width % height, n = i / channels / width / height;
  const int kind = mean ? SUM : MAX;
  float value = neutral(kind);
#pragma unroll 1
  for (int k = 0; k < kernel_h * kernel_w; k++) {
    const int from_row = row * stride_h - top + k / kernel_w;
    const int from_column = column * stride_w - left + k % kernel_w;
    if (from_row >= 0 && from_row < h && from_column >= 0 && from_column < w) {
      value = combine(kind, value,
                      widen(x[(((size_t)n * h + from_row) * w + from_column) * channels + c]));
    }
  }
  y[i] = narrow<T>(mean ? value / (kernel_h * kernel_w) : value);
}

// rows: grid ⌈rows·warps/8⌉; softmax, l2_normalize: grid ⌈rows/8⌉; the others: a thread per result.
// All: block 256.
#define REDUCE(NAME, T)                                                                            \
  extern "C" __global__ void __launch_bounds__(256) reduce_rows_##NAME(                            \
      const T* x, T* y, int rows, int n, int kind, int warps) {                                    \
    reduce_rows<T>(x, y, rows, n, kind, warps);                                                    \
  }                                                                                                \
  extern "C" __global__ void __launch_bounds__(256) reduce_columns_##NAME(                         \
      const T* x, T* y, int outer, int n, int inner, int kind) {                                   \
    reduce_columns<T>(x, y, outer, n, inner, kind);                                                \
  }                                                                                                \
  extern "C" __global__ void __launch_bounds__(256) softmax_##NAME(                                \
      const T* x, T* y, int rows, int n, int logarithm) {                                          \
    softmax<T>(x, y, rows, n, logarithm);                                                          \
  }                                                                                                \
  extern "C" __global__ void __launch_bounds__(256) l2_normalize_##NAME(                           \
      const T* x, T* y, int rows, int n, float eps) {                                              \
    l2_normalize<T>(x, y, rows, n, eps);                                                           \
  }                                                                                                \
  extern "C" __global__ void __launch_bounds__(256) pool_##NAME(                                   \
      const T* x, T* y, int batch, int h, int w, int channels, int height, int width,              \
      int kernel_h, int kernel_w, int stride_h, int stride_w, int top, int left, int mean) {       \
    pool<T>(x, y, batch, h, w, channels, height, width, kernel_h, kernel_w, stride_h, stride_w,    \
            top, left, mean);                                                                      \
  }
FOR_EACH_TYPE(REDUCE)
