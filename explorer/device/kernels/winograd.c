#include "block.h"

// 3x3 convolutions with 16 multiplications for 4 places in place of 36 (Lavin and Gray 2016, arXiv:1509.09308, section
// 4.1, F(2x2, 3x3)). y is made in tiles of 2x2 places, each from 4x4 places of x:
//
//   y = A^T [sum over channels of (G w G^T) * (B^T x B)] A        * is by numbers: 16 products of matrices, by position
//
//       1  0 -1  0            1    0    0
//   B^T 0  1  1  0          G 1/2  1/2  1/2         A^T 1  1  1  0
//       0 -1  1  0            1/2 -1/2  1/2             0  1 -1 -1
//       0  1  0 -1            0    0    1

enum { SIDE = 4, POSITIONS = SIDE * SIDE, TILES = ROWS };

// G along three vectors
static inline void widened(v128_t a, v128_t b, v128_t c, v128_t r[SIDE]) {
  v128_t half = wasm_f32x4_splat(0.5f), ends = wasm_f32x4_add(a, c);
  r[0] = a;
  r[1] = wasm_f32x4_mul(half, wasm_f32x4_add(ends, b));
  r[2] = wasm_f32x4_mul(half, wasm_f32x4_sub(ends, b));
  r[3] = c;
}

// words: weights, result, out, in, the weights' strides of out and in, whether they are turned by half a turn. The 3x3
// weights of a pair lie side by side, the result as (16, out / 8, in, 8); `out` is a multiple of 4.
void winograd_weights(float *memory, const int *words) {
  const float *weights = memory + words[0];
  float *result = memory + words[1];
  int out = words[2], in = words[3], apart = words[4], turned = words[6];
  for (int o = 0; o < out; o += 4)
    for (int i = 0; i < in; i++) {
      const float *own = weights + o * apart + i * words[5];
      v128_t half[SIDE][3], w[9], all[SIDE];
      for (int k = 0; k < 9; k++, own++)
        w[turned ? 8 - k : k] = wasm_f32x4_make(own[0], own[apart], own[2 * apart], own[3 * apart]);
      for (int k = 0; k < 3; k++) { // G w
        widened(w[k], w[3 + k], w[6 + k], all);
        for (int r = 0; r < SIDE; r++) half[r][k] = all[r];
      }
      float *to = result + ((o / CHANNELS) * in + i) * CHANNELS + o % CHANNELS;
      for (int r = 0; r < SIDE; r++) { // (G w) G^T
        widened(half[r][0], half[r][1], half[r][2], all);
        for (int c = 0; c < SIDE; c++) wasm_v128_store(to + (r * SIDE + c) * out * in, all[c]);
      }
    }
}

// B^T along four vectors
static inline void into(v128_t a, v128_t b, v128_t c, v128_t d, v128_t r[SIDE]) {
  r[0] = wasm_f32x4_sub(a, c);
  r[1] = wasm_f32x4_add(b, c);
  r[2] = wasm_f32x4_sub(c, b);
  r[3] = wasm_f32x4_sub(b, d);
}

// One tile: x's 4x4 places of all channels into 16 positions, `apart` floats from one to the next.
static void tile_of(const float *x, int row, int place, int in, float *v, int apart) {
  for (int c = 0; c < in; c += 4) {
    v128_t half[SIDE][SIDE], all[SIDE];
    for (int j = 0; j < SIDE; j++) {
      const float *at = x + j * place + c;
      into(wasm_v128_load(at), wasm_v128_load(at + row), wasm_v128_load(at + 2 * row), wasm_v128_load(at + 3 * row), all);
      for (int i = 0; i < SIDE; i++) half[i][j] = all[i];
    }
    for (int i = 0; i < SIDE; i++) {
      into(half[i][0], half[i][1], half[i][2], half[i][3], all);
      for (int j = 0; j < SIDE; j++) wasm_v128_store(v + (i * SIDE + j) * apart + c, all[j]);
    }
  }
}

// 8 output channels of 4 tiles, at one position
static void products(const float *const x[TILES], const float *weights, int in, float *const to[TILES]) {
  v128_t sum[TILES][2];
  for (int p = 0; p < TILES; p++) sum[p][0] = sum[p][1] = wasm_f32x4_splat(0);
  add_products(x[0], x[1], x[2], x[3], weights, in, sum);
  for (int p = 0; p < TILES; p++) {
    wasm_v128_store(to[p], sum[p][0]);
    wasm_v128_store(to[p] + 4, sum[p][1]);
  }
}

// A^T along four vectors
static inline void out_of(v128_t a, v128_t b, v128_t c, v128_t d, v128_t r[2]) {
  r[0] = wasm_f32x4_add(wasm_f32x4_add(a, b), c);
  r[1] = wasm_f32x4_sub(wasm_f32x4_sub(b, c), d);
}

// words: x, tiles, N, height, width, in, x's strides of picture, row and place. The tiles (16, tiles, in) of x, as many
// as cover y (height, width) with 2x2 places each. x has a border of zeros, of one place before and as many after as
// the tiles need; `in` is a multiple of 4.
void winograd_tiles(float *memory, const int *words) {
  const float *x = memory + words[0];
  float *v = memory + words[1];
  int N = words[2], down = (words[3] + 1) / 2, across = (words[4] + 1) / 2, in = words[5], tiles = N * down * across;
  const int *from = words + 6;
  for (int k = 0; k < tiles; k++) {
    int n = k / (down * across), i = k / across % down, j = k % across;
    tile_of(x + n * from[0] + 2 * i * from[1] + 2 * j * from[2], from[1], from[2], in, v + k * in, tiles * in);
  }
}

// words: x's tiles, weights (of winograd_weights), bias, y, room for y's tiles (16, tiles, out), N, height, width, out,
// in, y's strides of picture, row and place. `in` is a multiple of 4, `out` of 8.
void winograd(float *memory, const int *words) {
  const float *v = memory + words[0], *weights = memory + words[1], *bias = memory + words[2];
  float *y = memory + words[3], *m = memory + words[4];
  int N = words[5], height = words[6], width = words[7], out = words[8], in = words[9];
  const int *to = words + 10;
  int down = (height + 1) / 2, across = (width + 1) / 2, tiles = N * down * across;

  for (int position = 0; position < POSITIONS; position++)
    for (int o = 0; o < out; o += CHANNELS)
      for (int first = 0; first < tiles; first += TILES) {
        const float *at[TILES];
        float *result[TILES];
        for (int p = 0; p < TILES; p++) { // past the last tile, the last one again
          int k = position * tiles + (first + p < tiles ? first + p : tiles - 1);
          at[p] = v + k * in;
          result[p] = m + k * out + o;
        }
        products(at, weights + (position * out + o) * in, in, result);
      }

  for (int k = 0; k < tiles; k++) {
    int n = k / (down * across), i = 2 * (k / across % down), j = 2 * (k % across);
    float *at = y + n * to[0] + i * to[1] + j * to[2];
    for (int o = 0; o < out; o += 4) {
      const float *own = m + k * out + o;
      v128_t half[2][SIDE], all[2], b = wasm_v128_load(bias + o);
      for (int c = 0; c < SIDE; c++) {
#define POSITION(r) wasm_v128_load(own + ((r) * SIDE + c) * tiles * out)
        out_of(POSITION(0), POSITION(1), POSITION(2), POSITION(3), all);
        half[0][c] = all[0], half[1][c] = all[1];
      }
      for (int r = 0; r < 2 && i + r < height; r++) {
        out_of(half[r][0], half[r][1], half[r][2], half[r][3], all);
        wasm_v128_store(at + r * to[1] + o, wasm_f32x4_add(all[0], b));
        if (j + 1 < width) wasm_v128_store(at + r * to[1] + to[2] + o, wasm_f32x4_add(all[1], b));
      }
    }
  }
}
