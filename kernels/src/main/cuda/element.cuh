// What every kernel file shares: element types, 16-byte vectors, sums over a warp and over a block.
//
// Memory holds T (float, __half or __nv_bfloat16), registers hold float: every kernel widens what it
// reads, computes in float32 and rounds once, to nearest even, when it writes.
#pragma once
#include <cuda_bf16.h>
#include <cuda_fp16.h>
#include <stdint.h>

__device__ __forceinline__ float widen(float x) { return x; }
__device__ __forceinline__ float widen(__half x) { return __half2float(x); }
__device__ __forceinline__ float widen(__nv_bfloat16 x) { return __bfloat162float(x); }

template <typename T> __device__ __forceinline__ T narrow(float x);
template <> __device__ __forceinline__ float narrow<float>(float x) { return x; }
template <> __device__ __forceinline__ __half narrow<__half>(float x) { return __float2half_rn(x); }
template <> __device__ __forceinline__ __nv_bfloat16 narrow<__nv_bfloat16>(float x) {
  return __float2bfloat16_rn(x);
}

// A warp's 32 lanes reading 16 bytes each make one full 512-byte request, the widest there is. So a
// thread handles VEC elements: as many as fit 16 bytes, or 1 where the row length forbids vectors.
template <typename T> constexpr int kVector = 16 / sizeof(T);

template <typename T, int VEC>
__device__ __forceinline__ void load(const T* p, float (&x)[VEC]) {
  if constexpr (VEC == 1) {
    x[0] = widen(*p);
  } else {
    static_assert(VEC == kVector<T>);
    // One uint4, not an array of T: only then does the compiler emit one 16-byte load.
    uint4 raw = *reinterpret_cast<const uint4*>(p);
    const T* e = reinterpret_cast<const T*>(&raw);
#pragma unroll
    for (int j = 0; j < VEC; j++) x[j] = widen(e[j]);
  }
}

template <typename T, int VEC>
__device__ __forceinline__ void store(T* p, const float (&x)[VEC]) {
  if constexpr (VEC == 1) {
    *p = narrow<T>(x[0]);
  } else {
    uint4 raw;
    T* e = reinterpret_cast<T*>(&raw);
#pragma unroll
    for (int j = 0; j < VEC; j++) e[j] = narrow<T>(x[j]);
    *reinterpret_cast<uint4*>(p) = raw;
  }
}

// Whether rows of n elements can be read as vectors: every row, and so every vector, starts at a
// multiple of 16 bytes. The same for all threads of a launch, so the branch on it costs nothing.
template <typename T, typename... P>
__device__ __forceinline__ bool vectors(int n, const P*... pointers) {
  uintptr_t bits = (uintptr_t)(n % kVector<T>) | (... | (reinterpret_cast<uintptr_t>(pointers) & 15));
  return bits == 0;
}

// The sum over the warp, in every lane. The butterfly adds in the same order in each lane and in each
// run: results do not depend on timing.
__device__ __forceinline__ float warp_sum(float x) {
#pragma unroll
  for (int offset = 16; offset > 0; offset >>= 1) x += __shfl_xor_sync(~0u, x, offset);
  return x;
}

// The sum over a block of up to 1024 threads (a multiple of 32), in every thread. Each USE within a
// kernel has a scratch array of its own: no barrier is needed to keep one use from overwriting what
// another still reads. So a use must not stand in a loop.
template <int USE> __device__ __forceinline__ float block_sum(float x) {
  __shared__ float warps[32];
  const int lane = threadIdx.x & 31, warp = threadIdx.x >> 5;
  x = warp_sum(x);
  if (lane == 0) warps[warp] = x;
  __syncthreads();
  return warp_sum(lane < (blockDim.x >> 5) ? warps[lane] : 0.f);
}

__device__ __forceinline__ float sigmoid(float x) { return 1.f / (1.f + expf(-x)); }
__device__ __forceinline__ float silu(float x) { return x / (1.f + expf(-x)); }
__device__ __forceinline__ float gelu(float x) { return 0.5f * x * (1.f + erff(x * 0.70710678f)); }

// Writes the entry points NAME_f32, NAME_f16 and NAME_bf16 of a kernel template.
#define FOR_EACH_TYPE(ENTRY) ENTRY(f32, float) ENTRY(f16, __half) ENTRY(bf16, __nv_bfloat16)
