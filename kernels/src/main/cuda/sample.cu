// One step of a sampler: guidance, the update of the picture, the next step's input; and noise.
//
// Why fused. The picture is small (4x64x64), so a kernel's start costs more than its work: guidance,
// step and the scaling of the next input are one kernel. The coefficients are read from memory, not
// passed as arguments: a step captured once as a CUDA graph is replayed with other numbers.
#include "element.cuh"

// Coefficients of one step, in device memory, in this order.
enum { GUIDANCE, SAMPLE, MODEL, NOISE, NEXT_SCALE, COEFFICIENTS };

// Classifier-free guidance: model [2,n], unconditional half first → unconditional +
// GUIDANCE·(conditional - unconditional). Then, for every sampler whose step is linear,
//
//   sample = SAMPLE·sample + MODEL·guided + NOISE·noise
//
// (Euler ancestral with ε-prediction: 1, σ_down - σ, σ_up), and the next step's input for both halves,
// NEXT_SCALE·sample, with 1/√(σ'² + 1). sample and noise [n] are float32, noise may be null.
template <typename T>
__device__ __forceinline__ void guided_step(const T* __restrict__ model, float* __restrict__ sample,
                                            const float* __restrict__ noise,
                                            const float* __restrict__ coefficients,
                                            T* __restrict__ input, int n) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const float unconditional = widen(model[i]), conditional = widen(model[n + i]);
  const float guided = fmaf(coefficients[GUIDANCE], conditional - unconditional, unconditional);
  float x = fmaf(coefficients[MODEL], guided, coefficients[SAMPLE] * sample[i]);
  if (noise != nullptr) x = fmaf(coefficients[NOISE], noise[i], x);
  sample[i] = x;
  const T next = narrow<T>(coefficients[NEXT_SCALE] * x);
  input[i] = next;
  input[n + i] = next;
}

// Philox4x32-10: four words of counter, two of key → four random words. Salmon, Moraes, Dror and Shaw,
// "Parallel random numbers: as easy as 1, 2, 3", SC 2011, section 3.3.
__device__ __forceinline__ uint4 philox(uint4 c, uint32_t k0, uint32_t k1) {
#pragma unroll
  for (int round = 0; round < 10; round++) {
    const uint32_t h0 = __umulhi(0xD2511F53u, c.x), l0 = 0xD2511F53u * c.x;
    const uint32_t h1 = __umulhi(0xCD9E8D57u, c.z), l1 = 0xCD9E8D57u * c.z;
    c = make_uint4(h1 ^ c.y ^ k0, l1, h0 ^ c.w ^ k1, l0);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return c;
}

// cuRAND's _curand_box_muller, to the letter: two random words → two normal numbers, sine first.
__device__ __forceinline__ float2 box_muller(uint32_t x, uint32_t y) {
  const float u = fmaf((float)x, 2.3283064e-10f, 2.3283064e-10f / 2);
  const float v = fmaf((float)y, 2.3283064e-10f * 6.2831855f, 2.3283064e-10f * 6.2831855f / 2);
  const float radius = sqrtf(-2.f * logf(u));
  float sine, cosine;
  __sincosf(v, &sine, &cosine);
  return make_float2(radius * sine, radius * cosine);
}

// torch.randn(n, device="cuda"), float32. PyTorch starts `threads` threads in a grid that depends on
// the GPU; each draws four numbers per round and writes them a whole grid apart (ATen
// native/cuda/DistributionTemplates.h). Here a thread does one thread's one round: element
// (4·round + j)·threads + thread is number j of counter offset/4 + round, subsequence thread.
extern "C" __global__ void __launch_bounds__(256) philox_normal_f32(
    float* y, int n, int threads, unsigned long long seed, unsigned long long offset) {
  const int i = blockIdx.x * blockDim.x + threadIdx.x;
  const int round = i / threads, thread = i % threads;
  const long long first = (long long)round * 4 * threads + thread;
  if (first >= n) return;
  const unsigned long long counter = offset / 4 + round;
  const uint4 words = philox(make_uint4((uint32_t)counter, (uint32_t)(counter >> 32), thread, 0),
                             (uint32_t)seed, (uint32_t)(seed >> 32));
  const float2 a = box_muller(words.x, words.y), b = box_muller(words.z, words.w);
  const float normal[4] = {a.x, a.y, b.x, b.y};
#pragma unroll
  for (int j = 0; j < 4; j++) {
    const long long index = first + (long long)j * threads;
    if (index < n) y[index] = normal[j];
  }
}

// grid ⌈n/256⌉ (noise: ⌈rounds·threads/256⌉), block 256
#define SAMPLER(NAME, T)                                                                         \
  extern "C" __global__ void __launch_bounds__(256) guided_step_##NAME(                          \
      const T* model, float* sample, const float* noise, const float* coefficients, T* input,    \
      int n) {                                                                                   \
    guided_step<T>(model, sample, noise, coefficients, input, n);                                \
  }
FOR_EACH_TYPE(SAMPLER)
