// Attention without tensor cores: any head size up to 512, float32, float16 and bfloat16, every GPU
// from sm_70 on. Shapes and layouts as in attend.cu, without its demands on alignment.
//
// Why this shape. It is the twin that the fast kernels are checked against on a GPU, the float32
// kernel, and the one that runs where tensor cores of this kind are missing. So it stays simple: a
// warp owns ROWS queries, and its lanes change roles.
//
//   scores   lane = key: each lane sums q·k over the head for one of 32 keys
//   softmax  over the 32 lanes, by shuffles
//   output   lane = column: each lane sums p·v over the 32 keys, p broadcast lane by lane
//
// K and V pass through one tile of shared memory, 32 keys by 64 columns at a time (a CHUNK), so that
// the head size does not change how much is needed. Its rows are 65 floats apart: lanes reading a
// column hit 32 different banks. Where the head ends within a chunk, products stop at the next
// multiple of 8, and an empty right half is left out of the output.
#include "element.cuh"

constexpr int KEYS = 32, CHUNK = 64, WARPS = 8;

// Columns of the chunk that begins at `column` that are looked at: a multiple of UNIT, at most 64.
template <int UNIT> __device__ __forceinline__ int width_of(int column, int columns) {
  return min(CHUNK, (columns - column + UNIT - 1) & ~(UNIT - 1));
}

// Elements [first, first + 32) × [column, column + width) of a matrix → tile; zeros beyond its edges.
template <typename T>
__device__ __forceinline__ void fetch(float (&tile)[KEYS][CHUNK + 1], const T* matrix, int ld,
                                      int first, int rows, int column, int columns, int width) {
#pragma unroll 2
  for (int i = threadIdx.x; i < KEYS * width; i += WARPS * 32) {
    const int r = i / width, c = i % width;
    const bool inside = first + r < rows && column + c < columns;
    tile[r][c] = inside ? widen(matrix[(size_t)(first + r) * ld + column + c]) : 0.f;
  }
}

template <typename T, int CHUNKS, int ROWS>
__device__ __forceinline__ void attend_any(
    const T* __restrict__ q, const T* __restrict__ k, const T* __restrict__ v, T* __restrict__ o,
    int size, int queries, int keys, int heads, int ldq, int ldkv, int ldo, float scale, bool causal) {
  __shared__ float tile[KEYS][CHUNK + 1];
  __shared__ float query[WARPS * ROWS][CHUNKS * CHUNK];
  const int warp = threadIdx.x / 32, lane = threadIdx.x % 32;
  const int batch = blockIdx.y / heads, head = blockIdx.y % heads;
  const int row0 = blockIdx.x * WARPS * ROWS, row = row0 + warp * ROWS;
  q += (size_t)batch * queries * ldq + head * size;
  k += (size_t)batch * keys * ldkv + head * size;
  v += (size_t)batch * keys * ldkv + head * size;
  o += (size_t)batch * queries * ldo + head * size;

#pragma unroll 1
  for (int i = threadIdx.x; i < WARPS * ROWS * CHUNKS * CHUNK; i += WARPS * 32) {
    const int r = i / (CHUNKS * CHUNK), c = i % (CHUNKS * CHUNK);
    const bool inside = row0 + r < queries && c < size;
    query[r][c] = inside ? widen(q[(size_t)(row0 + r) * ldq + c]) : 0.f;
  }

  float out[ROWS][2 * CHUNKS] = {};  // columns lane, lane + 32, lane + 64, …
  float max[ROWS], sum[ROWS];
#pragma unroll
  for (int r = 0; r < ROWS; r++) max[r] = -INFINITY, sum[r] = 0.f;
  const int end = causal ? min(keys, row0 + WARPS * ROWS) : keys;
  for (int first = 0; first < end; first += KEYS) {
    float s[ROWS] = {};  // the scores of key first + lane
#pragma unroll 1
    for (int chunk = 0; chunk * CHUNK < size; chunk++) {
      __syncthreads();  // all have read the tile that was here before
      const int width = width_of<8>(chunk * CHUNK, size);
      fetch(tile, k, ldkv, first, keys, chunk * CHUNK, size, width);
      __syncthreads();
#pragma unroll 1
      for (int c = 0; c < width; c += 8) {
#pragma unroll
        for (int i = c; i < c + 8; i++) {
          const float x = tile[lane][i];
#pragma unroll
          for (int r = 0; r < ROWS; r++) s[r] = fmaf(query[warp * ROWS + r][chunk * CHUNK + i], x, s[r]);
        }
      }
    }

#pragma unroll
    for (int r = 0; r < ROWS; r++) {
      const int key = first + lane;
      if (key >= keys || (causal && key > row + r)) s[r] = -INFINITY;
      float m = fmaxf(max[r], s[r]);
#pragma unroll
      for (int offset = 16; offset > 0; offset >>= 1) m = fmaxf(m, __shfl_xor_sync(~0u, m, offset));
      const float shrink = exp2f((max[r] - m) * scale);
      s[r] = exp2f((s[r] - m) * scale);
      sum[r] = fmaf(sum[r], shrink, s[r]);
      max[r] = m;
#pragma unroll
      for (int i = 0; i < 2 * CHUNKS; i++) out[r][i] *= shrink;
    }

#pragma unroll
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      if (chunk * CHUNK >= size) break;
      __syncthreads();
      const int width = width_of<32>(chunk * CHUNK, size);
      fetch(tile, v, ldkv, first, keys, chunk * CHUNK, size, width);
      __syncthreads();
#pragma unroll 4
      for (int j = 0; j < KEYS; j++) {
        const float low = tile[j][lane], high = width > 32 ? tile[j][lane + 32] : 0.f;
#pragma unroll
        for (int r = 0; r < ROWS; r++) {
          const float p = __shfl_sync(~0u, s[r], j);
          out[r][2 * chunk] = fmaf(p, low, out[r][2 * chunk]);
          if (width > 32) out[r][2 * chunk + 1] = fmaf(p, high, out[r][2 * chunk + 1]);
        }
      }
    }
  }

#pragma unroll
  for (int r = 0; r < ROWS; r++) {
    const float inverse = 1.f / warp_sum(sum[r]);
    if (row + r < queries) {
#pragma unroll
      for (int i = 0; i < 2 * CHUNKS; i++) {
        const int c = lane + i * 32;
        if (c < size) o[(size_t)(row + r) * ldo + c] = narrow<T>(out[r][i] * inverse);
      }
    }
  }
}

// grid (⌈queries/(8·ROWS)⌉, B·heads), block 256; attend_anyN takes head sizes up to N
#define ATTEND_ANY(LIMIT, ROWS, NAME, T)                                                          \
  extern "C" __global__ void __launch_bounds__(WARPS * 32) attend_any##LIMIT##_##NAME(            \
      const T* q, const T* k, const T* v, T* o, int size, int queries, int keys, int heads,       \
      int ldq, int ldkv, int ldo, float scale, int causal) {                                      \
    attend_any<T, LIMIT / CHUNK, ROWS>(q, k, v, o, size, queries, keys, heads, ldq, ldkv, ldo,    \
                                       scale, causal);                                            \
  }
#define ATTEND_ANY_ALL(NAME, T) \
  ATTEND_ANY(64, 4, NAME, T)    \
  ATTEND_ANY(192, 4, NAME, T)   \
  ATTEND_ANY(512, 1, NAME, T)
FOR_EACH_TYPE(ATTEND_ANY_ALL)
