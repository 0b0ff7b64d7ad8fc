// Group norm (+SiLU) and layer norm, channels last.
//
//   group norm   x [N,pixels,C] → y   mean and variance over a group's C/groups channels and all
//                                     pixels of one picture; weight, bias [C]
//   layer norm   x [rows,C] → y       mean and variance over a row
//   y = (x - mean)/√(variance + eps)·weight + bias, then x·sigmoid(x) if asked for
//
// Variances are biased, statistics are float32 whatever the elements are. All sums are taken in a
// fixed order, without atomics: two runs give the same bits.
//
// Everything is computed from x - pivot, where the pivot is the group's (the row's) first element. The
// variance is the same, the result too, and where the mean is huge against the deviation the
// subtraction is exact: a float32 mean of numbers around 1000 would be off by 3e-5 already.
//
// Why three kernels for one formula. Group norm is bound by memory, and in NHWC a group is a narrow
// stripe through all pixels: 10 channels are 20 bytes of every 640.
//   - group_norm_once: a block per group keeps its stripe in shared memory, reads x once, and can
//     therefore take the variance about the true mean. For small pictures (to 16x16 at 1280 channels),
//     where starting a second kernel would cost more than the narrow reads.
//   - group_norm_stats, group_norm_apply: for large ones. A block reads whole rows of pixels, full
//     width, and leaves a sum and a sum of squares for each group; the second kernel adds these few
//     numbers up and reads x again, mostly from the cache.
#include "element.cuh"

template <typename T>
__device__ __forceinline__ void group_norm_once(
    const T* x, T* y, const T* __restrict__ weight, const T* __restrict__ bias, int channels,
    int pixels, int groups, float eps, bool activate) {
  extern __shared__ __align__(16) float stripe[];  // [pixels, width] of x - pivot
  const int width = channels / groups, count = width * pixels, c0 = blockIdx.x * width;
  const size_t picture = (size_t)blockIdx.y * pixels * channels;

  const float pivot = widen(x[picture + c0]);
  float sum = 0.f;
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    stripe[i] = widen(x[picture + (size_t)(i / width) * channels + c0 + i % width]) - pivot;
    sum += stripe[i];
  }
  const float shift = block_sum<0>(sum) / count;  // the mean of x - pivot
  float squares = 0.f;
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    squares = fmaf(stripe[i] - shift, stripe[i] - shift, squares);
  }
  const float inverse = 1.f / sqrtf(block_sum<1>(squares) / count + eps);

  // Each thread reads back what it wrote itself: no barrier is needed for the stripe.
  for (int i = threadIdx.x; i < count; i += blockDim.x) {
    const int c = c0 + i % width;
    const float value = fmaf((stripe[i] - shift) * inverse, widen(weight[c]), widen(bias[c]));
    y[picture + (size_t)(i / width) * channels + c] = narrow<T>(activate ? silu(value) : value);
  }
}

// The first pass: x [N,pixels,C] → partial [N,chunks,groups,2], where chunk i covers the pixels
// [i·rows, (i+1)·rows). The sums are of x - pivot: E[x²] - E[x]² then loses no digits to a large mean.
template <typename T, int VEC>
__device__ __forceinline__ void column_sums(const T* picture, float* sums, int channels, int width,
                                            int first, int last) {
  for (int column = threadIdx.x * VEC; column < channels; column += blockDim.x * VEC) {
    float pivot[VEC], sum[VEC] = {}, squares[VEC] = {};
#pragma unroll
    for (int j = 0; j < VEC; j++) pivot[j] = widen(picture[(column + j) / width * width]);
    for (int pixel = first + threadIdx.y; pixel < last; pixel += blockDim.y) {
      float v[VEC];
      load<T, VEC>(picture + (size_t)pixel * channels + column, v);
#pragma unroll
      for (int j = 0; j < VEC; j++) {
        v[j] -= pivot[j];
        sum[j] += v[j];
        squares[j] = fmaf(v[j], v[j], squares[j]);
      }
    }
#pragma unroll
    for (int j = 0; j < VEC; j++) {
      float* entry = sums + (threadIdx.y * channels + column + j) * 2;
      entry[0] = sum[j];
      entry[1] = squares[j];
    }
  }
}

template <typename T>
__device__ __forceinline__ void group_norm_stats(const T* __restrict__ x, float* __restrict__ partial,
                                                 int channels, int pixels, int groups, int rows) {
  extern __shared__ __align__(16) float sums[];  // [blockDim.y, C, 2]
  const int width = channels / groups;
  const int first = blockIdx.x * rows, last = min(first + rows, pixels);
  const T* picture = x + (size_t)blockIdx.y * pixels * channels;
  if (vectors<T>(channels, x)) {
    column_sums<T, kVector<T>>(picture, sums, channels, width, first, last);
  } else {
    column_sums<T, 1>(picture, sums, channels, width, first, last);
  }
  __syncthreads();

  // a warp adds up a group: `width` neighbours in each of blockDim.y rows
  const int thread = threadIdx.y * blockDim.x + threadIdx.x, lane = thread % 32;
  const int warps = blockDim.x * blockDim.y / 32;
  for (int group = thread / 32; group < groups; group += warps) {
    float sum = 0.f, squares = 0.f;
    for (int i = lane; i < width * blockDim.y; i += 32) {
      const float* entry = sums + (i / width * channels + group * width + i % width) * 2;
      sum += entry[0];
      squares += entry[1];
    }
    sum = warp_sum(sum);
    squares = warp_sum(squares);
    if (lane == 0) {
      float* entry = partial + (((size_t)blockIdx.y * gridDim.x + blockIdx.x) * groups + group) * 2;
      entry[0] = sum;
      entry[1] = squares;
    }
  }
}

// The second pass. The pivot is subtracted first: folding it into the bias, too, would save an
// instruction that costs nothing here, and lose digits where it is large.
template <typename T, int VEC>
__device__ __forceinline__ void normalize_rows(const T* picture, T* target, const T* weight,
                                               const T* bias, const float* moments, int channels,
                                               int width, int first, int last, bool activate) {
  for (int column = threadIdx.x * VEC; column < channels; column += blockDim.x * VEC) {
    float pivot[VEC], a[VEC], d[VEC];
    load<T, VEC>(weight + column, a);
    load<T, VEC>(bias + column, d);
#pragma unroll
    for (int j = 0; j < VEC; j++) {
      const float* moment = moments + (column + j) / width * 3;
      pivot[j] = moment[0];
      a[j] *= moment[2];
      d[j] = fmaf(-moment[1], a[j], d[j]);
    }
    for (int pixel = first + threadIdx.y; pixel < last; pixel += blockDim.y) {
      float v[VEC];
      load<T, VEC>(picture + (size_t)pixel * channels + column, v);
#pragma unroll
      for (int j = 0; j < VEC; j++) {
        v[j] = fmaf(v[j] - pivot[j], a[j], d[j]);
        if (activate) v[j] = silu(v[j]);
      }
      store<T, VEC>(target + (size_t)pixel * channels + column, v);
    }
  }
}

template <typename T>
__device__ __forceinline__ void group_norm_apply(
    const T* __restrict__ x, T* __restrict__ y, const float* __restrict__ partial,
    const T* __restrict__ weight, const T* __restrict__ bias, int channels, int pixels, int groups,
    int rows, int chunks, float eps, bool activate) {
  extern __shared__ __align__(16) float moments[];  // [groups, 3]: pivot, mean - pivot, 1/√(variance + eps)
  const int width = channels / groups, thread = threadIdx.y * blockDim.x + threadIdx.x;
  const T* picture = x + (size_t)blockIdx.y * pixels * channels;
  const float count = (float)width * pixels;
  for (int group = thread; group < groups; group += blockDim.x * blockDim.y) {
    float sum = 0.f, squares = 0.f;
    for (int chunk = 0; chunk < chunks; chunk++) {
      const float* entry = partial + (((size_t)blockIdx.y * chunks + chunk) * groups + group) * 2;
      sum += entry[0];
      squares += entry[1];
    }
    const float shift = sum / count;  // the mean of x - pivot
    const float variance = fmaxf(squares / count - shift * shift, 0.f);
    moments[group * 3] = widen(picture[group * width]);
    moments[group * 3 + 1] = shift;
    moments[group * 3 + 2] = 1.f / sqrtf(variance + eps);
  }
  __syncthreads();

  const int first = blockIdx.x * rows, last = min(first + rows, pixels);
  T* target = y + (size_t)blockIdx.y * pixels * channels;
  if (vectors<T>(channels, x, y, weight, bias)) {
    normalize_rows<T, kVector<T>>(picture, target, weight, bias, moments, channels, width, first, last,
                                  activate);
  } else {
    normalize_rows<T, 1>(picture, target, weight, bias, moments, channels, width, first, last, activate);
  }
}

// A warp per row. The three sweeps over the row read memory once: a row (640 bytes to 3 KB) stays in
// the first-level cache. Needs no shared memory and no barrier.
template <typename T, int VEC>
__device__ __forceinline__ void layer_norm_row(const T* x, T* y, const T* weight, const T* bias,
                                               int channels, float eps) {
  const int lane = threadIdx.x % 32;
  const float pivot = widen(x[0]);
  float sum = 0.f;
  for (int c = lane * VEC; c < channels; c += 32 * VEC) {
    float v[VEC];
    load<T, VEC>(x + c, v);
#pragma unroll
    for (int j = 0; j < VEC; j++) sum += v[j] - pivot;
  }
  const float shift = warp_sum(sum) / channels;  // the mean of x - pivot
  float squares = 0.f;
  for (int c = lane * VEC; c < channels; c += 32 * VEC) {
    float v[VEC];
    load<T, VEC>(x + c, v);
#pragma unroll
    for (int j = 0; j < VEC; j++) {
      const float d = v[j] - pivot - shift;
      squares = fmaf(d, d, squares);
    }
  }
  const float inverse = 1.f / sqrtf(warp_sum(squares) / channels + eps);
  for (int c = lane * VEC; c < channels; c += 32 * VEC) {
    float v[VEC], a[VEC], d[VEC];
    load<T, VEC>(x + c, v);
    load<T, VEC>(weight + c, a);
    load<T, VEC>(bias + c, d);
#pragma unroll
    for (int j = 0; j < VEC; j++) v[j] = fmaf((v[j] - pivot - shift) * inverse, a[j], d[j]);
    store<T, VEC>(y + c, v);
  }
}

template <typename T>
__device__ __forceinline__ void layer_norm(const T* x, T* y, const T* __restrict__ weight,
                                           const T* __restrict__ bias, int rows, int channels, float eps) {
  const int row = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
  if (row >= rows) return;
  x += (size_t)row * channels;
  y += (size_t)row * channels;
  if (vectors<T>(channels, x, y, weight, bias)) {
    layer_norm_row<T, kVector<T>>(x, y, weight, bias, channels, eps);
  } else {
    layer_norm_row<T, 1>(x, y, weight, bias, channels, eps);
  }
}

// once:  grid (groups, N), block 256, shared memory count·4 bytes
// stats: grid (chunks, N), block (X, Y) with X·Y a multiple of 32, shared memory Y·C·8 bytes
// apply: grid (chunks, N), block (X, Y), shared memory groups·12 bytes
// layer: grid ⌈rows/8⌉, block 256
#define NORMALIZE(NAME, T)                                                                          \
  extern "C" __global__ void __launch_bounds__(256) group_norm_once_##NAME(                         \
      const T* x, T* y, const T* weight, const T* bias, int channels, int pixels, int groups,       \
      float eps, int activate) {                                                                    \
    group_norm_once<T>(x, y, weight, bias, channels, pixels, groups, eps, activate);                \
  }                                                                                                 \
  extern "C" __global__ void __launch_bounds__(256) group_norm_stats_##NAME(                        \
      const T* x, float* partial, int channels, int pixels, int groups, int rows) {                 \
    group_norm_stats<T>(x, partial, channels, pixels, groups, rows);                                \
  }                                                                                                 \
  extern "C" __global__ void __launch_bounds__(256) group_norm_apply_##NAME(                        \
      const T* x, T* y, const float* partial, const T* weight, const T* bias, int channels,         \
      int pixels, int groups, int rows, int chunks, float eps, int activate) {                      \
    group_norm_apply<T>(x, y, partial, weight, bias, channels, pixels, groups, rows, chunks, eps,   \
                        activate);                                                                  \
  }                                                                                                 \
  extern "C" __global__ void __launch_bounds__(256) layer_norm_##NAME(                              \
      const T* x, T* y, const T* weight, const T* bias, int rows, int channels, float eps) {        \
    layer_norm<T>(x, y, weight, bias, rows, channels, eps);                                         \
  }
FOR_EACH_TYPE(NORMALIZE)
