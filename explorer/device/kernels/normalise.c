#include "mathematics.h"

// words: x, y, weight, bias, means, scales, N, places, channels, groups, eps (a float's bits).
// x and y: (N, places, channels), a group's channels a multiple of 4. Group normalisation: of each picture and group,
// (x - mean) * scale * weight + bias, where scale is 1 / sqrt(variance + eps). means, scales: (N, groups).
void group_norm(float *memory, const int *words) {
  const float *x = memory + words[0], *weight = memory + words[2], *bias = memory + words[3];
  float *y = memory + words[1], *means = memory + words[4], *scales = memory + words[5];
  int N = words[6], places = words[7], channels = words[8], own = channels / words[9];
  float eps = float_of(words[10]), count = (float)(places * own);
  for (int n = 0; n < N; n++, x += places * channels, y += places * channels) {
    for (int g = 0; g < channels; g += own) {
      v128_t sum = wasm_f32x4_splat(0), squares = wasm_f32x4_splat(0);
      for (int p = 0; p < places; p++)
        for (int c = g; c < g + own; c += 4) sum = wasm_f32x4_add(sum, wasm_v128_load(x + p * channels + c));
      v128_t mean = wasm_f32x4_splat(sum_of(sum) / count);
      for (int p = 0; p < places; p++)
        for (int c = g; c < g + own; c += 4) {
          v128_t away = wasm_f32x4_sub(wasm_v128_load(x + p * channels + c), mean);
          squares = multiply_add(squares, away, away);
        }
      v128_t scale = wasm_f32x4_splat(1.0f / __builtin_sqrtf(sum_of(squares) / count + eps));
      *means++ = wasm_f32x4_extract_lane(mean, 0);
      *scales++ = wasm_f32x4_extract_lane(scale, 0);
      for (int c = g; c < g + own; c += 4) {
        v128_t a = wasm_f32x4_mul(scale, wasm_v128_load(weight + c)), b = wasm_v128_load(bias + c);
        for (int p = 0; p < places; p++) {
          v128_t away = wasm_f32x4_sub(wasm_v128_load(x + p * channels + c), mean);
          wasm_v128_store(y + p * channels + c, multiply_add(b, a, away));
        }
      }
    }
  }
}

// words: dy, x, weight, means, scales, dx, dweight, dbias, N, places, channels, groups. Of what group_norm made of x,
// given the gradient dy of a loss by its result: those by x, weight and bias.
//
// With s = sum of dy * weight * x and b = sum of dy * weight over a group of n numbers:
//
//   dx = dy * weight * scale + k * x - k * mean - b * scale / n, where k = (b * mean - s) * scale^3 / n
void group_norm_backward(float *memory, const int *words) {
  const float *dy = memory + words[0], *x = memory + words[1], *weight = memory + words[2];
  const float *means = memory + words[3], *scales = memory + words[4];
  float *dx = memory + words[5], *dweight = memory + words[6], *dbias = memory + words[7];
  int N = words[8], places = words[9], channels = words[10], own = channels / words[11];
  float count = (float)(places * own);
  __builtin_memset(dweight, 0, channels * sizeof(float));
  __builtin_memset(dbias, 0, channels * sizeof(float));
  for (int n = 0; n < N; n++, x += places * channels, dy += places * channels, dx += places * channels) {
    for (int g = 0; g < channels; g += own, means++, scales++) {
      v128_t mean = wasm_f32x4_splat(*means), scale = wasm_f32x4_splat(*scales);
      v128_t s = wasm_f32x4_splat(0), b = s;
      for (int c = g; c < g + own; c += 4) {
        v128_t sum = wasm_f32x4_splat(0), product = sum;
        for (int p = 0; p < places; p++) {
          v128_t d = wasm_v128_load(dy + p * channels + c);
          sum = wasm_f32x4_add(sum, d);
          product = multiply_add(product, d, wasm_v128_load(x + p * channels + c));
        }
        v128_t w = wasm_v128_load(weight + c);
        s = multiply_add(s, w, product);
        b = multiply_add(b, w, sum);
        v128_t away = wasm_f32x4_mul(wasm_f32x4_sub(product, wasm_f32x4_mul(sum, mean)), scale);
        wasm_v128_store(dweight + c, wasm_f32x4_add(wasm_v128_load(dweight + c), away));
        wasm_v128_store(dbias + c, wasm_f32x4_add(wasm_v128_load(dbias + c), sum));
      }
      float all = sum_of(b), k = (all * *means - sum_of(s)) * *scales * *scales * *scales / count;
      v128_t by_x = wasm_f32x4_splat(k), shift = wasm_f32x4_splat(-k * *means - all * *scales / count);
      for (int c = g; c < g + own; c += 4) {
        v128_t by_dy = wasm_f32x4_mul(wasm_v128_load(weight + c), scale);
        for (int p = 0; p < places; p++) {
          v128_t v = multiply_add(shift, by_x, wasm_v128_load(x + p * channels + c));
          wasm_v128_store(dx + p * channels + c, multiply_add(v, by_dy, wasm_v128_load(dy + p * channels + c)));
        }
      }
    }
  }
}

// words: x, y, rows, columns. Of each row, e^x over the sum of all of them.
void softmax(float *memory, const int *words) {
  const float *x = memory + words[0];
  float *y = memory + words[1];
  int columns = words[3];
  for (int row = 0; row < words[2]; row++, x += columns, y += columns) {
    float largest = x[0], sum = 0;
    for (int i = 1; i < columns; i++) largest = x[i] > largest ? x[i] : largest;
    for (int i = 0; i < columns; i++) {
      y[i] = wasm_f32x4_extract_lane(exponential(wasm_f32x4_splat(x[i] - largest)), 0);
      sum += y[i];
    }
    for (int i = 0; i < columns; i++) y[i] /= sum;
  }
}

// words: table, its rows, which, y, count, columns. Row which[k] of the table is row k of y; one that there is not is
// the nearest that there is.
void gather(float *memory, const int *words) {
  const float *table = memory + words[0], *which = memory + words[2];
  float *y = memory + words[3];
  int rows = words[1], columns = words[5];
  for (int k = 0; k < words[4]; k++) {
    int row = (int)which[k];
    row = row < 0 ? 0 : row >= rows ? rows - 1 : row;
    __builtin_memcpy(y + k * columns, table + row * columns, columns * sizeof(float));
  }
}

// words: rows, which, y, its rows, count, columns. y is zero but for the sums of those rows: row k belongs to row
// which[k] of y.
void scatter(float *memory, const int *words) {
  const float *from = memory + words[0], *which = memory + words[1];
  float *y = memory + words[2];
  int rows = words[3], columns = words[5];
  __builtin_memset(y, 0, rows * columns * sizeof(float));
  for (int k = 0; k < words[4]; k++, from += columns) {
    int row = (int)which[k];
    if (row < 0 || row >= rows) continue;
    for (int i = 0; i < columns; i++) y[row * columns + i] += from[i];
  }
}
