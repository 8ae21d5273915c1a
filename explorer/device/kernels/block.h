// What most of the time goes into: the product of ROWS rows of `in` numbers by (in, CHANNELS) weights, in registers.
#pragma once

#include "kernels.h"

enum { ROWS = 4, CHANNELS = 8 };

// sum += rows * weights; `in` is a multiple of 4.
static inline void add_products(const float *x0, const float *x1, const float *x2, const float *x3,
                                const float *weights, int in, v128_t sum[ROWS][2]) {
  for (int i = 0; i < in; i += 4) {
#pragma clang loop unroll(full)
    for (int k = 0; k < 4; k++) {
      v128_t low = wasm_v128_load(weights + k * CHANNELS), high = wasm_v128_load(weights + k * CHANNELS + 4);
      v128_t a = wasm_v128_load32_splat(x0 + k), b = wasm_v128_load32_splat(x1 + k);
      v128_t c = wasm_v128_load32_splat(x2 + k), d = wasm_v128_load32_splat(x3 + k);
      sum[0][0] = multiply_add(sum[0][0], a, low), sum[0][1] = multiply_add(sum[0][1], a, high);
      sum[1][0] = multiply_add(sum[1][0], b, low), sum[1][1] = multiply_add(sum[1][1], b, high);
      sum[2][0] = multiply_add(sum[2][0], c, low), sum[2][1] = multiply_add(sum[2][1], c, high);
      sum[3][0] = multiply_add(sum[3][0], d, low), sum[3][1] = multiply_add(sum[3][1], d, high);
    }
    x0 += 4, x1 += 4, x2 += 4, x3 += 4;
    weights += 4 * CHANNELS;
  }
}

// sum += of `count` pairs of rows, x's `x_step` apart and y's `y_step`, the products of 4 numbers of x by 8 of y, which
// lie side by side.
static inline void add_outer_products(const float *x, int x_step, const float *y, int y_step, int count,
                                      v128_t sum[ROWS][2]) {
  for (int k = 0; k < count; k++, x += x_step, y += y_step) {
    v128_t low = wasm_v128_load(y), high = wasm_v128_load(y + 4);
#pragma clang loop unroll(full)
    for (int r = 0; r < ROWS; r++) {
      v128_t a = wasm_v128_load32_splat(x + r);
      sum[r][0] = multiply_add(sum[r][0], a, low);
      sum[r][1] = multiply_add(sum[r][1], a, high);
    }
  }
}
