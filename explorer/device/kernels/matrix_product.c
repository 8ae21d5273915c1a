#include "kernels.h"

// words: a, b, c, y, batch, rows, columns, inner, then strides of batch, row and column: of a (rows, inner), of b
// (inner, columns), of c (rows, columns; all 0 and c == y: there is none), of y. y = a b + c.

// four columns of y, side by side in b
static v128_t beside(const float *a, int a_step, const float *b, int b_step, int inner, v128_t sum) {
  for (int k = 0; k < inner; k++) sum = multiply_add(sum, wasm_v128_load32_splat(a + k * a_step), wasm_v128_load(b + k * b_step));
  return sum;
}

static float dot(const float *a, int a_step, const float *b, int b_step, int inner) {
  float sum = 0;
  int k = 0;
  if (a_step == 1 && b_step == 1) {
    v128_t first = wasm_f32x4_splat(0), second = first;
    for (; k + 8 <= inner; k += 8) {
      first = multiply_add(first, wasm_v128_load(a + k), wasm_v128_load(b + k));
      second = multiply_add(second, wasm_v128_load(a + k + 4), wasm_v128_load(b + k + 4));
    }
    sum = sum_of(wasm_f32x4_add(first, second));
  }
  for (; k < inner; k++) sum += a[k * a_step] * b[k * b_step];
  return sum;
}

void matrix_product(float *memory, const int *words) {
  const float *a = memory + words[0], *b = memory + words[1], *c = memory + words[2];
  float *y = memory + words[3];
  int batch = words[4], rows = words[5], columns = words[6], inner = words[7];
  const int *sa = words + 8, *sb = words + 11, *sc = words + 14, *sy = words + 17;
  int plus = words[2] != words[3];
  for (int n = 0; n < batch; n++, a += sa[0], b += sb[0], c += sc[0], y += sy[0]) {
    for (int i = 0; i < rows; i++) {
      int j = 0;
      if (sb[2] == 1)
        for (; j + 4 <= columns; j += 4) {
          v128_t v = beside(a + i * sa[1], sa[2], b + j, sb[1], inner, wasm_f32x4_splat(0));
          for (int k = 0; k < 4; k++, v = wasm_i32x4_shuffle(v, v, 1, 2, 3, 0))
            y[i * sy[1] + (j + k) * sy[2]] =
                wasm_f32x4_extract_lane(v, 0) + (plus ? c[i * sc[1] + (j + k) * sc[2]] : 0);
        }
      for (; j < columns; j++)
        y[i * sy[1] + j * sy[2]] = dot(a + i * sa[1], sa[2], b + j * sb[2], sb[1], inner) +
                                   (plus ? c[i * sc[1] + j * sc[2]] : 0);
    }
  }
}
