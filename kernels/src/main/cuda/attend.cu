// Flash attention for head sizes 40, 64, 80 and 160 on tensor cores (sm_80 and later):
//
//   o[b,i,h,:] = Σ_j softmax_j(scale · q[b,i,h,:]·k[b,j,h,:]) · v[b,j,h,:]
//
//   q [B, queries, heads·d]   k, v [B, keys, heads·d]   o [B, queries, heads·d]
//
// in float16 or bfloat16; products and sums in float32. Rows may lie further apart than heads·d
// elements (ldq, ldkv, ldo), so q, k and v may be slices of one merged projection. Pointers and row
// distances are multiples of 16 bytes.
//
// Why this shape. The score matrix of one 64x64 self-attention is 4096x4096 for each of 8 heads: 256
// MB in float16, written and read three times. It is never formed. A block of 32·ROWS/16 threads owns
// ROWS queries of one head and walks over the keys in tiles of KEYS:
//
//   1. Q, K and V come by cp.async straight into shared memory; Q moves on into registers, once.
//   2. S = Q·Kᵀ     one warp owns 16 queries: ROWS/16 warps, S [16,KEYS] in registers
//   3. P = exp(S - row maximum), online softmax (online_softmax.cuh)
//   4. O = O·shrink + P·V     P is used where it lies: C's layout is A's (tensor_core.cuh)
//
// Two tiles of K and V are in shared memory (STAGES): while one is multiplied the next one arrives.
// A warp owns whole rows, so softmax needs four lanes and no other warp; barriers guard only the
// tiles. Rows of shared memory are 8 elements longer than needed: an odd number of 16-byte units, so
// that the eight rows ldmatrix reads at once lie in different banks.
//
// Head size 40 is not a multiple of 16: the tiles are 48 wide and the last 8 columns are zeros.
#include "online_softmax.cuh"
#include "tensor_core.cuh"

template <typename T, int HEAD, int ROWS, int KEYS, int STAGES = 2>
__device__ __forceinline__ void attend(
    const T* __restrict__ q, const T* __restrict__ k, const T* __restrict__ v, T* __restrict__ o,
    int queries, int keys, int heads, int ldq, int ldkv, int ldo, float scale, bool causal) {
  constexpr int WIDTH = (HEAD + 15) / 16 * 16;  // of a tile: whole mma steps
  constexpr int LD = WIDTH + 8;                 // elements between rows of shared memory
  constexpr int UNITS = WIDTH / 8;              // 16-byte units of a row
  constexpr int THREADS = ROWS / 16 * 32;
  extern __shared__ __align__(16) char shared[];

  const int thread = threadIdx.x, warp = thread / 32, lane = thread % 32;
  const int batch = blockIdx.y / heads, head = blockIdx.y % heads, row0 = blockIdx.x * ROWS;
  q += (size_t)batch * queries * ldq + head * HEAD;
  k += (size_t)batch * keys * ldkv + head * HEAD;
  v += (size_t)batch * keys * ldkv + head * HEAD;
  o += (size_t)batch * queries * ldo + head * HEAD;
  const uint32_t tileK = shared_address(shared);             // [STAGES][KEYS][LD]
  const uint32_t tileV = tileK + STAGES * KEYS * LD * 2;     // [STAGES][KEYS][LD]

  // rows [first, first + count) of a matrix with `rows` rows → shared memory; zeros beyond its edges
  auto fetch = [&](uint32_t tile, const T* matrix, int ld, int first, int count, int rows) {
    for (int i = thread; i < count * UNITS; i += THREADS) {
      const int r = i / UNITS, u = i % UNITS;
      const bool inside = first + r < rows && u * 8 < HEAD;
      copy_async(tile + (r * LD + u * 8) * 2, inside ? matrix + (size_t)(first + r) * ld + u * 8 : matrix,
                 inside ? 16 : 0);
    }
  };

  // Q [ROWS,WIDTH] → registers, by way of the place of K, which is not there yet
  fetch(tileK, q, ldq, row0, ROWS, queries);
  copies_commit();
  copies_wait<0>();
  __syncthreads();
  uint32_t fragQ[WIDTH / 16][4];
#pragma unroll
  for (int i = 0; i < WIDTH / 16; i++) {
    load_matrices(fragQ[i], tileK + ((warp * 16 + lane % 16) * LD + i * 16 + lane / 16 * 8) * 2);
  }
  __syncthreads();

  auto fetch_tile = [&](int tile) {
    const uint32_t stage = tile % STAGES * KEYS * LD * 2;
    fetch(tileK + stage, k, ldkv, tile * KEYS, KEYS, keys);
    fetch(tileV + stage, v, ldkv, tile * KEYS, KEYS, keys);
    copies_commit();
  };

  float out[WIDTH / 8][4] = {};  // O [16,WIDTH] of this warp
  OnlineSoftmax softmax;
  const int row = row0 + warp * 16 + lane / 4;  // this lane's rows: row and row + 8
  int tiles = (keys + KEYS - 1) / KEYS;
  if (causal) tiles = min(tiles, (row0 + ROWS - 1) / KEYS + 1);  // later keys are unseen by all rows
  fetch_tile(0);
  for (int tile = 0; tile < tiles; tile++) {
    if (tile + 1 < tiles) {
      fetch_tile(tile + 1);
      copies_wait<1>();  // all but the newest: this tile has come
    } else {
      copies_wait<0>();
    }
    __syncthreads();  // the other threads' copies have come as well
    const uint32_t stage = tile % STAGES * KEYS * LD * 2;

    float s[KEYS / 8][4] = {};  // S [16,KEYS]
#pragma unroll
    for (int i = 0; i < WIDTH / 16; i++) {
#pragma unroll
      for (int n = 0; n < KEYS / 16; n++) {
        uint32_t b[4];  // K rows are columns of Kᵀ: matrices 0, 1 are keys 0-7, 2, 3 keys 8-15
        load_matrices(b, tileK + stage +
            ((n * 16 + lane % 8 + lane / 16 * 8) * LD + i * 16 + lane / 8 % 2 * 8) * 2);
        TensorCore<T>::mma(s[2 * n], fragQ[i], b[0], b[1]);
        TensorCore<T>::mma(s[2 * n + 1], fragQ[i], b[2], b[3]);
      }
    }
    if ((tile + 1) * KEYS > keys || (causal && (tile + 1) * KEYS > row0)) {
      mask(s, tile * KEYS, keys, causal, row);
    }

    float shrink[2];
    softmax.absorb(s, scale, shrink);
#pragma unroll
    for (int i = 0; i < WIDTH / 8; i++) {
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
      for (int i = 0; i < WIDTH / 16; i++) {
        uint32_t b[4];  // V lies by rows, B wants columns: .trans
        load_matrices_transposed(b, tileV + stage +
            ((n * 16 + lane % 16) * LD + i * 16 + lane / 16 * 8) * 2);
        TensorCore<T>::mma(out[2 * i], p, b[0], b[1]);
        TensorCore<T>::mma(out[2 * i + 1], p, b[2], b[3]);
      }
    }
    __syncthreads();  // all have read this stage: the tile after the next may overwrite it
  }

#pragma unroll
  for (int r = 0; r < 2; r++) {
    const float inverse = 1.f / softmax.total(r);
    if (row + r * 8 < queries) {
      T* target = o + (size_t)(row + r * 8) * ldo + lane % 4 * 2;
#pragma unroll
      for (int i = 0; i < HEAD / 8; i++) {
        *reinterpret_cast<uint32_t*>(target + i * 8) =
            TensorCore<T>::pack(out[i][2 * r] * inverse, out[i][2 * r + 1] * inverse);
      }
    }
  }
}

// grid (⌈queries/ROWS⌉, B·heads), block 2·ROWS,
// shared memory max(ROWS, 2·STAGES·KEYS)·(WIDTH + 8)·2 bytes
#define ATTEND(NAME, T, HEAD, ROWS, KEYS)                                                        \
  extern "C" __global__ void __launch_bounds__(ROWS / 16 * 32) attend##HEAD##_##NAME(            \
      const T* q, const T* k, const T* v, T* o, int queries, int keys, int heads, int ldq,       \
      int ldkv, int ldo, float scale, int causal) {                                              \
    attend<T, HEAD, ROWS, KEYS>(q, k, v, o, queries, keys, heads, ldq, ldkv, ldo, scale, causal); \
  }

// 160 wide rows need 160/8·4 floats of output per thread: half the tile keeps them in registers.
#define ATTEND_ALL(NAME, T)       \
  ATTEND(NAME, T, 40, 128, 64)    \
  ATTEND(NAME, T, 64, 128, 64)    \
  ATTEND(NAME, T, 80, 128, 64)    \
  ATTEND(NAME, T, 160, 64, 32)

ATTEND_ALL(f16, __half)
ATTEND_ALL(bf16, __nv_bfloat16)
