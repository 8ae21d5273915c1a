#include "kernels.h"

// words: x, y, kept, gone, sizes[kept], sizes[gone], x's strides[kept], x's strides[gone], y's strides[kept].
// y is the sum of x over the dimensions that are gone. Each kind of sizes runs from the outermost dimension to the
// innermost.

enum { WIDE = 4 }; // vectors side by side

// Goes to the next index below `sizes`, and moves x (and y) there. Returns 0 after the last, where it is at the first
// again.
static inline int next(int dims, const int *sizes, int *index, const float **x, const int *strides, float **y,
                       const int *y_strides) {
  for (int d = dims - 1; d >= 0; d--) {
    *x += strides[d];
    if (y) *y += y_strides[d];
    if (++index[d] < sizes[d]) return 1;
    *x -= strides[d] * sizes[d];
    if (y) *y -= y_strides[d] * sizes[d];
    index[d] = 0;
  }
  return 0;
}

// The sums of numbers that lie side by side, `vectors` vectors of them.
static inline __attribute__((always_inline)) void beside(int vectors, const float *x, float *y, int dims,
                                                         const int *sizes, const int *strides) {
  v128_t sum[WIDE];
  int index[MOST_DIMS] = {0}, inner = sizes[dims - 1], step = strides[dims - 1];
  for (int v = 0; v < vectors; v++) sum[v] = wasm_f32x4_splat(0);
  do {
    const float *at = x;
    for (int i = 0; i < inner; i++, at += step)
      for (int v = 0; v < vectors; v++) sum[v] = wasm_f32x4_add(sum[v], wasm_v128_load(at + 4 * v));
  } while (next(dims - 1, sizes, index, &x, strides, 0, 0));
  for (int v = 0; v < vectors; v++) wasm_v128_store(y + 4 * v, sum[v]);
}

static float alone(const float *x, int dims, const int *sizes, const int *strides) {
  v128_t sum = wasm_f32x4_splat(0);
  int index[MOST_DIMS] = {0}, inner = sizes[dims - 1], step = strides[dims - 1];
  float rest = 0;
  do {
    int i = 0;
    if (step == 1)
      for (; i + 4 <= inner; i += 4) sum = wasm_f32x4_add(sum, wasm_v128_load(x + i));
    for (; i < inner; i++) rest += x[i * step];
  } while (next(dims - 1, sizes, index, &x, strides, 0, 0));
  return sum_of(sum) + rest;
}

void reduce(float *memory, const int *words) {
  const float *x = memory + words[0];
  float *y = memory + words[1];
  int kept = words[2], gone = words[3], index[MOST_DIMS] = {0};
  const int *sizes = words + 4, *lost = sizes + kept, *x_kept = lost + gone, *x_gone = x_kept + kept;
  const int *y_kept = x_gone + gone;
  int inner = sizes[kept - 1], x_step = x_kept[kept - 1], y_step = y_kept[kept - 1];
  do {
    int i = 0;
    if (x_step == 1 && y_step == 1) {
      for (; i + 4 * WIDE <= inner; i += 4 * WIDE) beside(WIDE, x + i, y + i, gone, lost, x_gone);
      for (; i + 4 <= inner; i += 4) beside(1, x + i, y + i, gone, lost, x_gone);
    }
    for (; i < inner; i++) y[i * y_step] = alone(x + i * x_step, gone, lost, x_gone);
  } while (next(kept - 1, sizes, index, &x, x_kept, &y, y_kept));
}
