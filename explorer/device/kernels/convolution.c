#include "block.h"

// words: x, weights, bias, y, N, height, width, out, in, side, step, x's strides of picture, row and place, and y's.
//
// height, width: of y. x lies with its channels side by side and a border of zeros, y without; `in` is a multiple of 4.
// The weights lie in blocks of 8 output channels, in each of them (side, side, in, 8). A convolution is then a sum of
// side * side shifted products, here of 4 places by 8 channels, which stay in registers.

enum { PLACES = ROWS };

// y's 8 channels at 4 places. row: floats in a row of x's memory.
static inline void block(const float *x[PLACES], const float *weights, const float *bias, int in, int side, int row,
                         int place, v128_t sum[PLACES][2]) {
  for (int p = 0; p < PLACES; p++) {
    sum[p][0] = wasm_v128_load(bias);
    sum[p][1] = wasm_v128_load(bias + 4);
  }
  for (int dy = 0; dy < side; dy++) {
    for (int dx = 0; dx < side; dx++) {
      int shift = dy * row + dx * place;
      add_products(x[0] + shift, x[1] + shift, x[2] + shift, x[3] + shift, weights, in, sum);
      weights += in * CHANNELS;
    }
  }
}

static void put(float *y, v128_t low, v128_t high, int channels) {
  if (channels >= CHANNELS) {
    wasm_v128_store(y, low);
    wasm_v128_store(y + 4, high);
    return;
  }
  float all[CHANNELS];
  wasm_v128_store(all, low);
  wasm_v128_store(all + 4, high);
  for (int c = 0; c < channels; c++) y[c] = all[c];
}

void convolution(float *memory, const int *words) {
  const float *x = memory + words[0], *weights = memory + words[1], *bias = memory + words[2];
  float *y = memory + words[3];
  int N = words[4], height = words[5], width = words[6], out = words[7], in = words[8], side = words[9];
  int step = words[10];
  const int *from = words + 11, *to = words + 14;
  int places = N * height * width;
  for (int o = 0; o < out; o += CHANNELS) {
    const float *own = weights + o * side * side * in;
    for (int first = 0; first < places; first += PLACES) {
      const float *at[PLACES];
      float *result[PLACES];
      for (int p = 0; p < PLACES; p++) { // past the last place, the last one again
        int k = first + p < places ? first + p : places - 1;
        int n = k / (height * width), i = k / width % height, j = k % width;
        at[p] = x + n * from[0] + i * step * from[1] + j * step * from[2];
        result[p] = y + n * to[0] + i * to[1] + j * to[2] + o;
      }
      v128_t sum[PLACES][2];
      block(at, own, bias + o, in, side, from[1], from[2], sum);
      for (int p = 0; p < PLACES; p++) put(result[p], sum[p][0], sum[p][1], out - o);
    }
  }
}

// words: x, dy, dw, N, height, width, out, in, side, step, x's strides of picture, row and place, dy's, and dw's of
// out, in, row and column. The gradient by the weights, given dy, the one by y (height, width); x as for `convolution`.
void convolution_weights(float *memory, const int *words) {
  const float *x = memory + words[0], *dy = memory + words[1];
  float *dw = memory + words[2];
  int N = words[3], height = words[4], width = words[5], out = words[6], in = words[7], side = words[8];
  int step = words[9];
  const int *from = words + 10, *given = words + 13, *to = words + 16;
  for (int tap = 0; tap < side * side; tap++)
    for (int i = 0; i < in; i += ROWS)
      for (int o = 0; o < out; o += CHANNELS) {
        v128_t sum[ROWS][2];
        for (int r = 0; r < ROWS; r++) sum[r][0] = sum[r][1] = wasm_f32x4_splat(0);
        for (int n = 0; n < N; n++)
          for (int row = 0; row < height; row++)
            add_outer_products(x + n * from[0] + (row * step + tap / side) * from[1] + tap % side * from[2] + i,
                               step * from[2], dy + n * given[0] + row * given[1] + o, given[2], width, sum);
        for (int r = 0; r < ROWS && i + r < in; r++) {
          float all[CHANNELS];
          wasm_v128_store(all, sum[r][0]);
          wasm_v128_store(all + 4, sum[r][1]);
          float *at = dw + (i + r) * to[1] + tap / side * to[2] + tap % side * to[3];
          for (int c = 0; c < CHANNELS && o + c < out; c++) at[(o + c) * to[0]] = all[c];
        }
      }
}
