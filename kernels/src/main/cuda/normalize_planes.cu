// Group norm (+SiLU) of channels-first pictures, and batch norm with stored statistics.
//
//   group norm   x [N,C,pixels] → y   as in normalize.cu, for tensors that come in PyTorch's layout
//   batch norm   x [rows,C] → y = (x - mean)/√(variance + eps)·weight + bias, all four [C]
//
// Channels first, a group of one picture is a single run of elements: reading it well is no question.
//   - group_norm_planes_once: a block per group sweeps three times over its run; a small one stays in
//     the cache. One launch.
//   - group_norm_planes_stats, group_norm_planes_apply: for long runs, of which a few groups would not
//     fill the GPU: each run is cut into chunks, and each chunk gets a block, as in normalize.cu.
// Sums have a fixed order. As in normalize.cu everything is computed from x - pivot, the run's first
// element, so that no digits are lost where the mean is huge against the deviation.
#include "element.cuh"

__device__ __forceinline__ float normalized(float x, float inverse, float weight, float bias,
                                            bool activate) {
  const float value = fmaf(x * inverse, weight, bias);
  return activate ? silu(value) : value;
}

// grid (groups, N): block (group, n)
template <typename T>
__device__ __forceinline__ void group_norm_planes_once(const T* x, T* y, const T* __restrict__ weight,
                                                       const T* __restrict__ bias, int width, int pixels,
                                                       float eps, bool activate) {
  const int count = width * pixels;
  const size_t run = ((size_t)blockIdx.y * gridDim.x + blockIdx.x) * count;
  const float pivot = widen(x[run]);
  float sum = 0.f;
  for (int i = threadIdx.x; i < count; i += blockDim.x) sum += widen(x[run + i]) - pivot;
  const float shift = block_sum<0>(sum) / count;  // the mean of x - pivot
  float squares = 0.f;
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    const float d = widen(x[run + i]) - pivot - shift;
    squares = fmaf(d, d, squares);
  }
  const float inverse = 1.f / sqrtf(block_sum<1>(squares) / count + eps);
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    const int c = blockIdx.x * width + i / pixels;
    y[run + i] = narrow<T>(
        normalized(widen(x[run + i]) - pivot - shift, inverse, widen(weight[c]), widen(bias[c]), activate));
  }
}

// grid (chunks, runs): chunk i of a run covers [i·size, (i+1)·size); partial [runs,chunks,2]
template <typename T>
__device__ __forceinline__ void group_norm_planes_stats(const T* __restrict__ x,
                                                        float* __restrict__ partial, int count,
                                                        int size) {
  const T* run = x + (size_t)blockIdx.y * count;
  const int first = blockIdx.x * size, last = min(first + size, count);
  const float pivot = widen(run[0]);
  float sum = 0.f, squares = 0.f;
  for (int i = first + threadIdx.x; i < last; i += blockDim.x) {
    const float d = widen(run[i]) - pivot;
    sum += d;
    squares = fmaf(d, d, squares);
  }
  sum = block_sum<0>(sum);
  squares = block_sum<1>(squares);
  if (threadIdx.x == 0) {
    float* entry = partial + ((size_t)blockIdx.y * gridDim.x + blockIdx.x) * 2;
    entry[0] = sum;
    entry[1] = squares;
  }
}

// grid (chunks, runs); the chunks' sums, at most 256, are added by every thread in the same order
template <typename T>
__device__ __forceinline__ void group_norm_planes_apply(
    const T* __restrict__ x, T* __restrict__ y, const float* __restrict__ partial,
    const T* __restrict__ weight, const T* __restrict__ bias, int width, int pixels, int groups,
    int size, float eps, bool activate) {
  const int count = width * pixels;
  const size_t run = (size_t)blockIdx.y * count;
  float sum = 0.f, squares = 0.f;
  for (int chunk = 0; chunk < gridDim.x; chunk++) {
    const float* entry = partial + ((size_t)blockIdx.y * gridDim.x + chunk) * 2;
    sum += entry[0];
    squares += entry[1];
  }
  const float pivot = widen(x[run]), shift = sum / count;  // the mean of x - pivot
  const float inverse = 1.f / sqrtf(fmaxf(squares / count - shift * shift, 0.f) + eps);
  const int first = blockIdx.x * size, last = min(first + size, count);
  for (int i = first + threadIdx.x; i < last; i += blockDim.x) {
    const int c = blockIdx.y % groups * width + i / pixels;
    y[run + i] = narrow<T>(
        normalized(widen(x[run + i]) - pivot - shift, inverse, widen(weight[c]), widen(bias[c]), activate));
  }
}

template <typename T>
__device__ __forceinline__ void batch_norm(const T* x, T* y, const T* __restrict__ weight,
                                           const T* __restrict__ bias, const T* __restrict__ mean,
                                           const T* __restrict__ variance, int rows, int channels,
                                           float eps) {
  const int count = rows * channels;
#pragma unroll 1
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
    const int c = i % channels;
    const float inverse = 1.f / sqrtf(widen(variance[c]) + eps);
    y[i] = narrow<T>(
        normalized(widen(x[i]) - widen(mean[c]), inverse, widen(weight[c]), widen(bias[c]), false));
  }
}

// All: block 256; batch_norm: grid min(⌈rows·C/256⌉, 4096). once and batch_norm: y may be x.
#define NORMALIZE_PLANES(NAME, T)                                                                  \
  extern "C" __global__ void __launch_bounds__(256) group_norm_planes_once_##NAME(                 \
      const T* x, T* y, const T* weight, const T* bias, int width, int pixels, float eps,          \
      int activate) {                                                                              \
    group_norm_planes_once<T>(x, y, weight, bias, width, pixels, eps, activate);                   \
  }                                                                                                \
  extern "C" __global__ void __launch_bounds__(256) group_norm_planes_stats_##NAME(                \
      const T* x, float* partial, int count, int size) {                                           \
    group_norm_planes_stats<T>(x, partial, count, size);                                           \
  }                                                                                                \
  extern "C" __global__ void __launch_bounds__(256) group_norm_planes_apply_##NAME(                \
      const T* x, T* y, const float* partial, const T* weight, const T* bias, int width,           \
      int pixels, int groups, int size, float eps, int activate) {                                 \
    group_norm_planes_apply<T>(x, y, partial, weight, bias, width, pixels, groups, size, eps,      \
                               activate);                                                          \
  }                                                                                                \
  extern "C" __global__ void __launch_bounds__(256) batch_norm_##NAME(                             \
      const T* x, T* y, const T* weight, const T* bias, const T* mean, const T* variance,          \
      int rows, int channels, float eps) {                                                         \
    batch_norm<T>(x, y, weight, bias, mean, variance, rows, channels, eps);                        \
  }
FOR_EACH_TYPE(NORMALIZE_PLANES)
