// Flash attention for head size 512 on tensor cores (sm_80 and later): the one attention of the
// picture decoder, a single head over 4096 pixels. Shapes, types and layouts as in attend.cu.
//
// Why a kernel of its own. The output of 16 queries, [16,512] in float32, would take 256 registers of
// each thread of a warp, all there are. So SPLIT = 4 warps share 16 queries, and each owns 128 of the
// 512 columns, both of the first product's inner dimension and of the output:
//
//   1. S_w = Q[:,128w…]·K[:,128w…]ᵀ      a partial sum of the scores [16,KEYS]
//   2. the four partial sums meet in shared memory; each warp adds all four, in the same order
//   3. online softmax: computed alike by the four warps, which costs less than another exchange
//   4. O[:,128w…] = O[:,128w…]·shrink + P·V[:,128w…]
//
// No element of K or V is read from shared memory by more warps than there are groups of queries.
// K and V are copied as separate groups: V arrives while scores are computed, the next K while P·V is.
#include "online_softmax.cuh"
#include "tensor_core.cuh"

constexpr int HEAD = 512, SPLIT = 4, SLICE = HEAD / SPLIT;
constexpr int ROWS = 32, KEYS = 32, THREADS = ROWS / 16 * SPLIT * 32;
constexpr int LD = HEAD + 8;        // elements between rows of Q, K, V: see attend.cu
constexpr int LDS = KEYS + 8;       // floats between rows of the partial scores
static_assert(ROWS <= KEYS, "Q is staged in the place of K");

template <typename T>
__device__ __forceinline__ void attend512(
    const T* __restrict__ q, const T* __restrict__ k, const T* __restrict__ v, T* __restrict__ o,
    int queries, int keys, int heads, int ldq, int ldkv, int ldo, float scale, bool causal) {
  extern __shared__ __align__(16) char shared[];
  const int thread = threadIdx.x, warp = thread / 32, lane = thread % 32;
  const int group = warp / SPLIT, slice = warp % SPLIT;  // 16 queries, 128 columns
  const int batch = blockIdx.y / heads, head = blockIdx.y % heads, row0 = blockIdx.x * ROWS;
  q += (size_t)batch * queries * ldq + head * HEAD;
  k += (size_t)batch * keys * ldkv + head * HEAD;
  v += (size_t)batch * keys * ldkv + head * HEAD;
  o += (size_t)batch * queries * ldo + head * HEAD;
  const uint32_t tileK = shared_address(shared);   // [KEYS][LD]
  const uint32_t tileV = tileK + KEYS * LD * 2;    // [KEYS][LD]
  float* partial = reinterpret_cast<float*>(shared + 2 * KEYS * LD * 2);  // [SPLIT][ROWS][LDS]

  // rows [first, first + count) of a matrix with `rows` rows → shared memory; zeros below its end
  auto fetch = [&](uint32_t tile, const T* matrix, int ld, int first, int count, int rows) {
    for (int i = thread; i < count * (HEAD / 8); i += THREADS) {
      const int r = i / (HEAD / 8), u = i % (HEAD / 8);
      const bool inside = first + r < rows;
      copy_async(tile + (r * LD + u * 8) * 2, inside ? matrix + (size_t)(first + r) * ld + u * 8 : matrix,
                 inside ? 16 : 0);
    }
    copies_commit();
  };

  // Q [16,128] of this warp → registers, by way of the place of K
  fetch(tileK, q, ldq, row0, ROWS, queries);
  copies_wait<0>();
  __syncthreads();
  uint32_t fragQ[SLICE / 16][4];
#pragma unroll
  for (int i = 0; i < SLICE / 16; i++) {
    load_matrices(fragQ[i],
        tileK + ((group * 16 + lane % 16) * LD + slice * SLICE + i * 16 + lane / 16 * 8) * 2);
  }
  __syncthreads();

  float out[SLICE / 8][4] = {};  // O [16,128] of this warp
  OnlineSoftmax softmax;
  const int row = row0 + group * 16 + lane / 4;
  int tiles = (keys + KEYS - 1) / KEYS;
  if (causal) tiles = min(tiles, (row0 + ROWS - 1) / KEYS + 1);
  fetch(tileK, k, ldkv, 0, KEYS, keys);
  fetch(tileV, v, ldkv, 0, KEYS, keys);
  for (int tile = 0; tile < tiles; tile++) {
    copies_wait<1>();  // K has come, V may be on its way
    __syncthreads();
    float s[KEYS / 8][4] = {};  // this warp's share of S [16,KEYS]
#pragma unroll
    for (int i = 0; i < SLICE / 16; i++) {
#pragma unroll
      for (int n = 0; n < KEYS / 16; n++) {
        uint32_t b[4];
        load_matrices(b, tileK + ((n * 16 + lane % 8 + lane / 16 * 8) * LD + slice * SLICE + i * 16 +
                                  lane / 8 % 2 * 8) * 2);
        TensorCore<T>::mma(s[2 * n], fragQ[i], b[0], b[1]);
        TensorCore<T>::mma(s[2 * n + 1], fragQ[i], b[2], b[3]);
      }
    }

    // partial[slice][16·group + …][…]: written by one warp, read by the four of the group
    const int corner = (group * 16 + lane / 4) * LDS + lane % 4 * 2;
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) {
      float* mine = partial + slice * ROWS * LDS + corner + n * 8;
      *reinterpret_cast<float2*>(mine) = make_float2(s[n][0], s[n][1]);
      *reinterpret_cast<float2*>(mine + 8 * LDS) = make_float2(s[n][2], s[n][3]);
    }
    copies_wait<0>();  // V has come
    __syncthreads();   // for all threads; the partial scores are there; nobody needs K any more
    const bool more = tile + 1 < tiles;
    if (more) fetch(tileK, k, ldkv, (tile + 1) * KEYS, KEYS, keys);
#pragma unroll
    for (int n = 0; n < KEYS / 8; n++) {
      s[n][0] = s[n][1] = s[n][2] = s[n][3] = 0.f;
#pragma unroll
      for (int w = 0; w < SPLIT; w++) {
        const float* from = partial + w * ROWS * LDS + corner + n * 8;
        const float2 upper = *reinterpret_cast<const float2*>(from);
        const float2 lower = *reinterpret_cast<const float2*>(from + 8 * LDS);
        s[n][0] += upper.x, s[n][1] += upper.y, s[n][2] += lower.x, s[n][3] += lower.y;
      }
    }
    if ((tile + 1) * KEYS > keys || (causal && (tile + 1) * KEYS > row0)) {
      mask(s, tile * KEYS, keys, causal, row);
    }

    float shrink[2];
    softmax.absorb(s, scale, shrink);
#pragma unroll
    for (int i = 0; i < SLICE / 8; i++) {
#pragma unroll
      for (int c = 0; c < 4; c++) out[i][c] *= shrink[c / 2];
    }
#pragma unroll
    for (int n = 0; n < KEYS / 16; n++) {
      const uint32_t p[4] = {TensorCore<T>::pack(s[2 * n][0], s[2 * n][1]),
                             TensorCore<T>::pack(s[2 * n][2], s[2 * n][3]),
                             TensorCore<T>::pack(s[2 * n + 1][0], s[2 * n + 1][1]),
                             TensorCore<T>::pack(s[2 * n + 1][2], s[2 * n + 1][3])};
#pragma unroll
      for (int i = 0; i < SLICE / 16; i++) {
        uint32_t b[4];
        load_matrices_transposed(b,
            tileV + ((n * 16 + lane % 16) * LD + slice * SLICE + i * 16 + lane / 16 * 8) * 2);
        TensorCore<T>::mma(out[2 * i], p, b[0], b[1]);
        TensorCore<T>::mma(out[2 * i + 1], p, b[2], b[3]);
      }
    }
    __syncthreads();  // all have read V and the partial scores
    if (more) fetch(tileV, v, ldkv, (tile + 1) * KEYS, KEYS, keys);
  }

#pragma unroll
  for (int r = 0; r < 2; r++) {
    const float inverse = 1.f / softmax.total(r);
    if (row + r * 8 < queries) {
      T* target = o + (size_t)(row + r * 8) * ldo + slice * SLICE + lane % 4 * 2;
#pragma unroll
      for (int i = 0; i < SLICE / 8; i++) {
        *reinterpret_cast<uint32_t*>(target + i * 8) =
            TensorCore<T>::pack(out[i][2 * r] * inverse, out[i][2 * r + 1] * inverse);
      }
    }
  }
}

// grid (⌈queries/32⌉, B·heads), block 256, shared memory 2·KEYS·LD·2 + SPLIT·ROWS·LDS·4 = 87 040 bytes
#define ATTEND512(NAME, T)                                                                      \
  extern "C" __global__ void __launch_bounds__(THREADS) attend512_##NAME(                        \
      const T* q, const T* k, const T* v, T* o, int queries, int keys, int heads, int ldq,       \
      int ldkv, int ldo, float scale, int causal) {                                              \
    attend512<T>(q, k, v, o, queries, keys, heads, ldq, ldkv, ldo, scale, causal);               \
  }
ATTEND512(f16, __half)
ATTEND512(bf16, __nv_bfloat16)
