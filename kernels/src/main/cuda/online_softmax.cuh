// The softmax of a row whose scores arrive tile by tile (Milakov and Gimelshein, "Online normalizer
// calculation for softmax", 2018), for two rows of mma tiles at a time.
//
// Held per row: the largest score so far m and the sum l of exp(score - m). A new tile with maximum
// m' replaces m by M = max(m, m'), and everything summed under the old maximum, l and the output row,
// is multiplied by exp(m - M). No score ever leaves the registers.
#pragma once
#include "element.cuh"

// Row 0 is the lane's row g, row 1 its row g + 8 (see tensor_core.cuh). `sum` covers the lane's own
// columns; total() adds the four lanes of the row.
struct OnlineSoftmax {
  float max[2] = {-INFINITY, -INFINITY};
  float sum[2] = {0.f, 0.f};

  // Turns N tiles of scores into exp(scale·(score - max)) and gives the factors by which what was
  // accumulated before must shrink. scale includes log2(e): the hardware's exponential is base 2.
  template <int N>
  __device__ __forceinline__ void absorb(float (&s)[N][4], float scale, float (&shrink)[2]) {
#pragma unroll
    for (int r = 0; r < 2; r++) {
      float m = max[r];
#pragma unroll
      for (int n = 0; n < N; n++) m = fmaxf(m, fmaxf(s[n][2 * r], s[n][2 * r + 1]));
      m = fmaxf(m, __shfl_xor_sync(~0u, m, 1));  // the row's other columns lie in
      m = fmaxf(m, __shfl_xor_sync(~0u, m, 2));  // the three neighbouring lanes
      shrink[r] = exp2f((max[r] - m) * scale);
      max[r] = m;
      float l = 0.f;
#pragma unroll
      for (int n = 0; n < N; n++) {
#pragma unroll
        for (int c = 2 * r; c < 2 * r + 2; c++) {
          s[n][c] = exp2f(fmaf(s[n][c], scale, -m * scale));
          l += s[n][c];
        }
      }
      sum[r] = fmaf(sum[r], shrink[r], l);
    }
  }

  __device__ __forceinline__ float total(int r) const {
    float l = sum[r];
    l += __shfl_xor_sync(~0u, l, 1);
    l += __shfl_xor_sync(~0u, l, 2);
    return l;
  }
};

// Makes scores of keys that do not exist, or that a causal query must not see, minus infinity. The
// lane's columns of tile n are first + 8n + 2t and the next.
template <int N>
__device__ __forceinline__ void mask(float (&s)[N][4], int first, int keys, bool causal, int row) {
  const int t = threadIdx.x & 3;
#pragma unroll
  for (int n = 0; n < N; n++) {
#pragma unroll
    for (int c = 0; c < 4; c++) {
      const int key = first + n * 8 + t * 2 + (c & 1), query = row + (c >> 1) * 8;
      if (key >= keys || (causal && key > query)) s[n][c] = -INFINITY;
    }
  }
}
