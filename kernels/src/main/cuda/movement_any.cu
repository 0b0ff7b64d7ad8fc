// Copies between any two arrangements of the same elements, constants, and rows looked up by number.
//
// Permuting, repeating, slicing, padding and joining along any axis are one and the same loop: over
// the axes, with a stride in the source and one in the target. The result is walked in its order, so
// writes run together; reads do as far as the arrangement lets them. An element is a unit of 1 to 16
// bytes: whoever launches takes the widest that divides all strides.
#include <stdint.h>

#include "axes.cuh"

template <typename U>
__device__ __forceinline__ void copy(const U* __restrict__ x, U* __restrict__ y, int count, int rank,
                                     const int (&extent)[kMaxRank], const int (&from)[kMaxRank],
                                     const int (&to)[kMaxRank]) {
#pragma unroll 1
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) {
    const Places at = places(i, rank, extent, from, to);
    y[at.second] = x[at.first];
  }
}

// table [rows,columns], ids [count] of 32 or 64 bits → y [count,columns]. A row that does not exist
// becomes all ones bits, which is no number in any float format: the mistake shows, and no other
// memory is read.
template <typename U>
__device__ __forceinline__ void gather(const U* __restrict__ table, const void* __restrict__ ids,
                                       U* __restrict__ y, int count, int rows, int columns, bool wide) {
#pragma unroll 1
  for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count * columns; i += gridDim.x * blockDim.x) {
    const int at = i / columns, c = i - at * columns;
    const long long id = wide ? static_cast<const long long*>(ids)[at] : static_cast<const int*>(ids)[at];
    if (id >= 0 && id < rows) {
      y[i] = table[id * columns + c];
    } else {
      y[i] = static_cast<U>(~U{});
    }
  }
}

// block 256, grid min(⌈count/256⌉, 4096)
#define COPY(NAME, U)                                                                             \
  extern "C" __global__ void __launch_bounds__(256) copy_##NAME(                                  \
      const U* x, U* y, int count, int rank, SIX(int, n), SIX(int, s), SIX(int, t)) {             \
    const int extent[] = {SIX_NAMES(n)}, from[] = {SIX_NAMES(s)}, to[] = {SIX_NAMES(t)};          \
    copy(x, y, count, rank, extent, from, to);                                                    \
  }
COPY(b8, uint8_t)
COPY(b16, uint16_t)
COPY(b32, uint32_t)
COPY(b64, uint2)
COPY(b128, uint4)

#define FILL_AND_GATHER(NAME, U)                                                                  \
  extern "C" __global__ void __launch_bounds__(256) fill_##NAME(U* y, int count, int bits) {      \
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < count; i += gridDim.x * blockDim.x) { \
      y[i] = (U)bits;                                                                             \
    }                                                                                             \
  }                                                                                               \
  extern "C" __global__ void __launch_bounds__(256) gather_##NAME(                                \
      const U* table, const void* ids, U* y, int count, int rows, int columns, int wide) {        \
    gather(table, ids, y, count, rows, columns, wide);                                            \
  }
FILL_AND_GATHER(b16, uint16_t)
FILL_AND_GATHER(b32, uint32_t)
