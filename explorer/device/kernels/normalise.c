#include "mathematics.h"

// words: x, y, weight, bias, N, places, channels, groups, eps (a float's bits).
// x and y: (N, places, channels), a group's channels a multiple of 4. Group normalisation: of each picture and group,
// (x - mean) / sqrt(variance + eps) * weight + bias.
void group_norm(float *memory, const int *words) {
  const float *x = memory + words[0], *weight = memory + words[2], *bias = memory + words[3];
  float *y = memory + words[1];
  int N = words[4], places = words[5], channels = words[6], own = channels / words[7];
  float eps = float_of(words[8]), count = (float)(places * own);
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

// words: table, its rows, which, y, count, columns. Row which[k] of the table is row k of y; one that there is not is the
// nearest that there is.
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
