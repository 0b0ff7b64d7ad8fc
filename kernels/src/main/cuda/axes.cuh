// The axes of a tensor that a general kernel walks through: up to six, slowest first, each with its
// extent and with its stride in the tensors that are walked together. Kernels get them as plain
// arguments; whoever launches has left out axes of extent 1 and joined those that lie dense.
#pragma once

constexpr int kMaxRank = 6;

#define SIX(type, name) type name##0, type name##1, type name##2, type name##3, type name##4, type name##5
#define SIX_NAMES(name) name##0, name##1, name##2, name##3, name##4, name##5

// Where element i of the walk lies in each of two tensors.
struct Places {
  int first, second;
};

__device__ __forceinline__ Places places(int i, int rank, const int (&extent)[kMaxRank],
                                         const int (&first)[kMaxRank], const int (&second)[kMaxRank]) {
  Places at = {0, 0};
#pragma unroll
  for (int axis = kMaxRank - 1; axis > 0; axis--) {
    if (axis < rank) {
      const int rest = i / extent[axis], k = i - rest * extent[axis];
      at.first += k * first[axis];
      at.second += k * second[axis];
      i = rest;
    }
  }
  at.first += i * first[0];
  at.second += i * second[0];
  return at;
}
