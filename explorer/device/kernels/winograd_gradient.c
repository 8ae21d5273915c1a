#include "block.h"

// The gradient by the weights of a 3x3 convolution that winograd.c computes, with the same 16 multiplications where
// there would be 36. By the chain rule, with x's tiles as they were and dy, the gradient by y, in tiles of 2x2:
//
//   dw = G^T [sum over tiles of (B^T x B) * (A dy A^T)] G      * is by positions: 16 products of matrices

enum { SIDE = 4, POSITIONS = SIDE * SIDE };

// A along two vectors
static inline void spread(v128_t a, v128_t b, v128_t r[SIDE]) {
  r[0] = a;
  r[1] = wasm_f32x4_add(a, b);
  r[2] = wasm_f32x4_sub(a, b);
  r[3] = wasm_f32x4_neg(b);
}

// words: dy, tiles, N, height, width, out, dy's strides of picture, row and place. The tiles (16, tiles, out) of dy,
// which has zeros beyond its height and width where a tile goes over them; `out` is a multiple of 4.
void winograd_gradient_tiles(float *memory, const int *words) {
  const float *dy = memory + words[0];
  float *u = memory + words[1];
  int N = words[2], down = (words[3] + 1) / 2, across = (words[4] + 1) / 2, out = words[5], tiles = N * down * across;
  const int *from = words + 6;
  for (int k = 0; k < tiles; k++) {
    int n = k / (down * across), i = k / across % down, j = k % across;
    const float *at = dy + n * from[0] + 2 * i * from[1] + 2 * j * from[2];
    for (int o = 0; o < out; o += 4, at += 4) {
      v128_t left[SIDE], right[SIDE], all[SIDE];
      spread(wasm_v128_load(at), wasm_v128_load(at + from[1]), left);
      spread(wasm_v128_load(at + from[2]), wasm_v128_load(at + from[1] + from[2]), right);
      for (int r = 0; r < SIDE; r++) {
        spread(left[r], right[r], all);
        for (int c = 0; c < SIDE; c++) wasm_v128_store(u + ((r * SIDE + c) * tiles + k) * out + o, all[c]);
      }
    }
  }
}

// G^T along four vectors
static inline void gathered(v128_t a, v128_t b, v128_t c, v128_t d, v128_t r[3]) {
  v128_t half = wasm_f32x4_splat(0.5f);
  v128_t sum = wasm_f32x4_mul(half, wasm_f32x4_add(b, c)), difference = wasm_f32x4_mul(half, wasm_f32x4_sub(b, c));
  r[0] = wasm_f32x4_add(a, sum);
  r[1] = difference;
  r[2] = wasm_f32x4_add(sum, d);
}

// words: x's tiles, dy's tiles, dw (out, in, 3, 3), room (16, in, out), tiles, out, in. `in` is a multiple of 4, `out`
// of 8.
void winograd_gradient(float *memory, const int *words) {
  const float *v = memory + words[0], *u = memory + words[1];
  float *dw = memory + words[2], *m = memory + words[3];
  int tiles = words[4], out = words[5], in = words[6];
  for (int position = 0; position < POSITIONS; position++)
    for (int i = 0; i < in; i += ROWS)
      for (int o = 0; o < out; o += CHANNELS) {
        v128_t sum[ROWS][2];
        for (int r = 0; r < ROWS; r++) sum[r][0] = sum[r][1] = wasm_f32x4_splat(0);
        add_outer_products(v + position * tiles * in + i, in, u + position * tiles * out + o, out, tiles, sum);
        for (int r = 0; r < ROWS; r++) {
          float *at = m + (position * in + i + r) * out + o;
          wasm_v128_store(at, sum[r][0]);
          wasm_v128_store(at + 4, sum[r][1]);
        }
      }

  for (int i = 0; i < in; i++)
    for (int o = 0; o < out; o += 4) {
      const float *own = m + i * out + o;
      v128_t half[3][SIDE], all[3];
      for (int c = 0; c < SIDE; c++) {
#define POSITION(r) wasm_v128_load(own + ((r) * SIDE + c) * in * out)
        gathered(POSITION(0), POSITION(1), POSITION(2), POSITION(3), all);
        for (int r = 0; r < 3; r++) half[r][c] = all[r];
      }
      for (int r = 0; r < 3; r++) {
        gathered(half[r][0], half[r][1], half[r][2], half[r][3], all);
        for (int c = 0; c < 3; c++) {
          float *at = dw + (o * in + i) * 9 + r * 3 + c;
          at[0] = wasm_f32x4_extract_lane(all[c], 0);
          at[in * 9] = wasm_f32x4_extract_lane(all[c], 1);
          at[in * 18] = wasm_f32x4_extract_lane(all[c], 2);
          at[in * 27] = wasm_f32x4_extract_lane(all[c], 3);
        }
      }
    }
}
