// What moves elements without computing: nearest upsampling, concatenation of channels, im2col.
//
// Elements are copied as they are, so a kernel knows only their size: 16 or 32 bits. All tensors are
// channels last, so what moves is a run of channels: it goes in 16-byte units where every run starts
// at a multiple of 16 bytes, else element by element. A thread's index runs over the result, written
// in order; the source is looked up.
#include <stdint.h>

// Copies unit `to` of the result from unit `from` of the source, or zeros where from is negative.
template <typename U>
__device__ __forceinline__ void move(const U* source, U* target, long long from, long long to) {
  target[to] = from < 0 ? U{} : source[from];
}

__device__ __forceinline__ bool aligned(int bytes, const void* a, const void* b, const void* c) {
  return ((bytes | (uintptr_t)a | (uintptr_t)b | (uintptr_t)c) & 15) == 0;
}

#define FOR_EACH_UNIT(i, count)                                                          \
  _Pragma("unroll 1")                                                                    \
  for (long long i = (long long)blockIdx.x * blockDim.x + threadIdx.x; i < (count);      \
       i += (long long)gridDim.x * blockDim.x)

// x [N,h,w,C] → y [N,height,width,C], y[n,i,j] = x[n,⌊i·h/height⌋,⌊j·w/width⌋] with PyTorch's rounding:
// the ratio is a float32.
template <typename U>
__device__ __forceinline__ void upsample(const U* __restrict__ x, U* __restrict__ y, int batch, int h,
                                         int w, int channels, int height, int width) {
  const float down = (float)h / height, right = (float)w / width;
  FOR_EACH_UNIT(i, (long long)batch * height * width * channels) {
    const int c = (int)(i % channels);
    long long pixel = i / channels;
    const int column = (int)(pixel % width);
    pixel /= width;
    const int row = (int)(pixel % height), n = (int)(pixel / height);
    const int from_row = min((int)(row * down), h - 1), from_column = min((int)(column * right), w - 1);
    move(x, y, (((long long)n * h + from_row) * w + from_column) * channels + c, i);
  }
}

// a [rows,m], b [rows,n] → y [rows,m + n]
template <typename U>
__device__ __forceinline__ void concat(const U* __restrict__ a, const U* __restrict__ b,
                                       U* __restrict__ y, int rows, int m, int n) {
  FOR_EACH_UNIT(i, (long long)rows * (m + n)) {
    const long long row = i / (m + n);
    const int c = (int)(i - row * (m + n));
    if (c < m) {
      move(a, y, row * m + c, i);
    } else {
      move(b, y, row * n + c - m, i);
    }
  }
}

// x [N,h,w,C] → y [N·height·width, kernel_h·kernel_w·C]: row (n,i,j) holds the window whose corner is
// (i·stride - top, j·stride - left), zeros outside the picture. With weights as
// [kernel_h·kernel_w·C, out] the convolution is then one matrix product; used where there is no cuDNN.
template <typename U>
__device__ __forceinline__ void im2col(const U* __restrict__ x, U* __restrict__ y, int batch, int h,
                                       int w, int channels, int height, int width, int kernel_h,
                                       int kernel_w, int stride_h, int stride_w, int top, int left) {
  FOR_EACH_UNIT(i, (long long)batch * height * width * kernel_h * kernel_w * channels) {
    const int c = (int)(i % channels);
    long long rest = i / channels;
    const int kx = (int)(rest % kernel_w);
    rest /= kernel_w;
    const int ky = (int)(rest % kernel_h);
    rest /= kernel_h;
    const int column = (int)(rest % width);
    rest /= width;
    const int row = (int)(rest % height), n = (int)(rest / height);
    const int from_row = row * stride_h + ky - top, from_column = column * stride_w + kx - left;
    const bool inside = from_row >= 0 && from_row < h && from_column >= 0 && from_column < w;
    move(x, y, inside ? (((long long)n * h + from_row) * w + from_column) * channels + c : -1, i);
  }
}

// block 256, grid min(⌈units/256⌉, 4096)
#define MOVEMENT(NAME, U)                                                                         \
  extern "C" __global__ void __launch_bounds__(256) upsample_##NAME(                              \
      const U* x, U* y, int batch, int h, int w, int channels, int height, int width) {           \
    constexpr int unit = 16 / sizeof(U);                                                          \
    if (aligned(channels * sizeof(U), x, y, nullptr)) {                                           \
      upsample((const uint4*)x, (uint4*)y, batch, h, w, channels / unit, height, width);          \
    } else {                                                                                      \
      upsample(x, y, batch, h, w, channels, height, width);                                       \
    }                                                                                             \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(256) concat_##NAME(                                \
      const U* a, const U* b, U* y, int rows, int m, int n) {                                     \
    constexpr int unit = 16 / sizeof(U);                                                          \
    if (aligned((m | n) * sizeof(U), a, b, y)) {                                                  \
      concat((const uint4*)a, (const uint4*)b, (uint4*)y, rows, m / unit, n / unit);              \
    } else {                                                                                      \
      concat(a, b, y, rows, m, n);                                                                \
    }                                                                                             \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(256) im2col_##NAME(                                \
      const U* x, U* y, int batch, int h, int w, int channels, int height, int width,             \
      int kernel_h, int kernel_w, int stride_h, int stride_w, int top, int left) {                \
    constexpr int unit = 16 / sizeof(U);                                                          \
    if (aligned(channels * sizeof(U), x, y, nullptr)) {                                           \
      im2col((const uint4*)x, (uint4*)y, batch, h, w, channels / unit, height, width, kernel_h,   \
             kernel_w, stride_h, stride_w, top, left);                                            \
    } else {                                                                                      \
      im2col(x, y, batch, h, w, channels, height, width, kernel_h, kernel_w, stride_h, stride_w,  \
             top, left);                                                                          \
    }                                                                                             \
  }
MOVEMENT(b16, uint16_t)
MOVEMENT(b32, uint32_t)
