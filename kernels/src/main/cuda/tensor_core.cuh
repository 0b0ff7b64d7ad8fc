// The four instructions that attention on tensor cores is made of (sm_80 and later).
//
// mma.m16n8k16 multiplies A [16,16] by B [16,8] and adds to C [16,8], spread over one warp. With
// g = lane / 4 and t = lane % 4, a lane holds
//
//   A: a0 = A[g][2t,2t+1]   a1 = A[g+8][2t,2t+1]   a2 = A[g][2t+8,2t+9]   a3 = A[g+8][2t+8,2t+9]
//   B: b0 = B[2t,2t+1][g]   b1 = B[2t+8,2t+9][g]
//   C: c0, c1 = C[g][2t,2t+1]   c2, c3 = C[g+8][2t,2t+1]            (PTX ISA, 9.7.14.5.8)
//
// So C's layout of two neighbouring 16x8 tiles is A's layout of one 16x16 tile: the probabilities
// that the first product of attention leaves in registers are ready to be the left factor of the
// second, without a trip through shared memory. Flash attention on tensor cores rests on this.
//
// ldmatrix.x4 loads four 8x8 matrices of 16-bit elements from shared memory, one row address per
// lane (lanes 0-7 name the first matrix's rows, 8-15 the second's, ...), and hands lane (g,t) the
// elements [g][2t,2t+1] of each: exactly a register of A, or, for a matrix stored by columns, of B.
// With .trans it hands out [2t,2t+1][g], so that B stored by rows fits too.
#pragma once
#include "element.cuh"

// Starts a 16-byte copy from global to shared memory that no register and no thread waits for. Only
// the first `bytes` (0 or 16) are read, the rest becomes zero: that is how ragged edges are padded.
__device__ __forceinline__ void copy_async(uint32_t shared, const void* global, int bytes) {
  asm volatile("cp.async.cg.shared.global [%0], [%1], 16, %2;\n" ::"r"(shared), "l"(global), "r"(bytes)
               : "memory");
}

// Closes the group of copies that this thread has started since the last call.
__device__ __forceinline__ void copies_commit() { asm volatile("cp.async.commit_group;\n" ::: "memory"); }

// Waits until at most the N newest groups of this thread are under way. Other threads' copies are
// visible only after a barrier that follows their wait.
template <int N> __device__ __forceinline__ void copies_wait() {
  asm volatile("cp.async.wait_group %0;\n" ::"n"(N) : "memory");
}

__device__ __forceinline__ uint32_t shared_address(const void* p) {
  return (uint32_t)__cvta_generic_to_shared(p);
}

__device__ __forceinline__ void load_matrices(uint32_t (&m)[4], uint32_t row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.shared.b16 {%0,%1,%2,%3}, [%4];\n"
               : "=r"(m[0]), "=r"(m[1]), "=r"(m[2]), "=r"(m[3])
               : "r"(row)
               : "memory");
}

__device__ __forceinline__ void load_matrices_transposed(uint32_t (&m)[4], uint32_t row) {
  asm volatile("ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16 {%0,%1,%2,%3}, [%4];\n"
               : "=r"(m[0]), "=r"(m[1]), "=r"(m[2]), "=r"(m[3])
               : "r"(row)
               : "memory");
}

#define MMA_M16N8K16(TYPE)                                                          \
  asm volatile("mma.sync.aligned.m16n8k16.row.col.f32." TYPE "." TYPE ".f32 "       \
               "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};\n"            \
               : "+f"(c[0]), "+f"(c[1]), "+f"(c[2]), "+f"(c[3])                     \
               : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b0), "r"(b1))

// c += a·b on the tensor cores, and two floats rounded into one register.
template <typename T> struct TensorCore;
template <> struct TensorCore<__half> {
  static __device__ __forceinline__ void mma(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    MMA_M16N8K16("f16");
  }
  static __device__ __forceinline__ uint32_t pack(float low, float high) {
    __half2 h = __floats2half2_rn(low, high);
    return *reinterpret_cast<uint32_t*>(&h);
  }
};
template <> struct TensorCore<__nv_bfloat16> {
  static __device__ __forceinline__ void mma(float (&c)[4], const uint32_t (&a)[4], uint32_t b0, uint32_t b1) {
    MMA_M16N8K16("bf16");
  }
  static __device__ __forceinline__ uint32_t pack(float low, float high) {
    __nv_bfloat162 h = __floats2bfloat162_rn(low, high);
    return *reinterpret_cast<uint32_t*>(&h);
  }
};
#undef MMA_M16N8K16
