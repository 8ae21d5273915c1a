#include "block.h"

// words: a, b, c, y, batch, rows, columns, inner, then strides of batch, row and column: of a (rows, inner), of b
// (inner, columns), of c (rows, columns; all 0 and c == y: there is none), of y. y = a b + c.

enum { DOT_ROWS = 2, DOT_COLUMNS = 4 };

// A matrix as it lies: floats from one row to the next, and from one column to the next.
typedef struct {
  float *at;
  int row, column;
} Matrix;

static Matrix turned(Matrix m) { return (Matrix){m.at, m.column, m.row}; }

static inline float *place(Matrix m, int i, int j) { return m.at + i * m.row + j * m.column; }

// Up to `count` numbers of a row of the result, from (i, j) on.
static inline void put(Matrix y, Matrix c, int i, int j, int count, v128_t v) {
  float *to = place(y, i, j);
  if (count == 4 && y.column == 1 && (!c.at || c.column == 1)) {
    wasm_v128_store(to, c.at ? wasm_f32x4_add(v, wasm_v128_load(place(c, i, j))) : v);
    return;
  }
  float all[4];
  wasm_v128_store(all, v);
  for (int k = 0; k < count; k++) to[k * y.column] = all[k] + (c.at ? *place(c, i, j + k) : 0);
}

// 4 rows by 8 columns, where b's columns lie side by side. Past the last row, the last one again.
static inline void block(Matrix a, Matrix b, Matrix c, Matrix y, int i, int j, int rows, int inner) {
  const float *x[ROWS], *w = b.at + j;
  v128_t sum[ROWS][2];
  for (int r = 0; r < ROWS; r++) {
    x[r] = place(a, i + r < rows ? i + r : rows - 1, 0);
    sum[r][0] = sum[r][1] = wasm_f32x4_splat(0);
  }
  for (int k = 0; k < inner; k++, w += b.row) {
    v128_t low = wasm_v128_load(w), high = wasm_v128_load(w + 4);
    for (int r = 0; r < ROWS; r++) {
      v128_t number = wasm_v128_load32_splat(x[r] + k * a.column);
      sum[r][0] = multiply_add(sum[r][0], number, low);
      sum[r][1] = multiply_add(sum[r][1], number, high);
    }
  }
  for (int r = 0; r < ROWS && i + r < rows; r++) {
    put(y, c, i + r, j, 4, sum[r][0]);
    put(y, c, i + r, j + 4, 4, sum[r][1]);
  }
}

// 2 rows by 4 columns, where a's rows and b's columns lie as vectors. Past the last, the last again.
static inline void dots(Matrix a, Matrix b, Matrix c, Matrix y, int i, int j, int rows, int columns, int inner) {
  const float *x[DOT_ROWS], *w[DOT_COLUMNS];
  v128_t sum[DOT_ROWS][DOT_COLUMNS];
  for (int r = 0; r < DOT_ROWS; r++) x[r] = place(a, i + r < rows ? i + r : rows - 1, 0);
  for (int s = 0; s < DOT_COLUMNS; s++) w[s] = place(b, 0, j + s < columns ? j + s : columns - 1);
  for (int r = 0; r < DOT_ROWS; r++)
    for (int s = 0; s < DOT_COLUMNS; s++) sum[r][s] = wasm_f32x4_splat(0);
  int k = 0;
  for (; k + 4 <= inner; k += 4) {
    v128_t first = wasm_v128_load(x[0] + k), second = wasm_v128_load(x[1] + k);
    for (int s = 0; s < DOT_COLUMNS; s++) {
      v128_t v = wasm_v128_load(w[s] + k);
      sum[0][s] = multiply_add(sum[0][s], first, v);
      sum[1][s] = multiply_add(sum[1][s], second, v);
    }
  }
  for (int r = 0; r < DOT_ROWS && i + r < rows; r++) {
    float all[DOT_COLUMNS];
    for (int s = 0; s < DOT_COLUMNS; s++) {
      all[s] = sum_of(sum[r][s]);
      for (int rest = k; rest < inner; rest++) all[s] += x[r][rest] * w[s][rest];
    }
    put(y, c, i + r, j, columns - j < DOT_COLUMNS ? columns - j : DOT_COLUMNS, wasm_v128_load(all));
  }
}

// One number.
static inline void alone(Matrix a, Matrix b, Matrix c, Matrix y, int i, int j, int inner) {
  float sum = 0;
  for (int k = 0; k < inner; k++) sum += *place(a, i, k) * *place(b, k, j);
  put(y, c, i, j, 1, wasm_f32x4_splat(sum));
}

static void product(Matrix a, Matrix b, Matrix c, Matrix y, int rows, int columns, int inner) {
  if (a.column == 1 && b.row == 1) {
    int mirrored = a.at == b.at && a.row == b.column && rows == columns && !c.at; // x x^T: half of it is enough
    for (int i = 0; i < rows; i += DOT_ROWS)
      for (int j = mirrored ? i / DOT_COLUMNS * DOT_COLUMNS : 0; j < columns; j += DOT_COLUMNS)
        dots(a, b, c, y, i, j, rows, columns, inner);
    for (int i = 0; mirrored && i < rows; i++)
      for (int j = 0; j < i; j++) *place(y, i, j) = *place(y, j, i);
    return;
  }
  if (b.column != 1 && a.row == 1) { // y^T = b^T a^T
    product(turned(b), turned(a), turned(c), turned(y), columns, rows, inner);
    return;
  }
  int whole = b.column == 1 ? columns / CHANNELS * CHANNELS : 0;
  for (int j = 0; j < whole; j += CHANNELS)
    for (int i = 0; i < rows; i += ROWS) block(a, b, c, y, i, j, rows, inner);
  for (int i = 0; i < rows; i++)
    for (int j = whole; j < columns; j++) alone(a, b, c, y, i, j, inner);
}

void matrix_product(float *memory, const int *words) {
  int batch = words[4], rows = words[5], columns = words[6], inner = words[7];
  const int *sa = words + 8, *sb = words + 11, *sc = words + 14, *sy = words + 17;
  int plus = words[2] != words[3];
  for (int n = 0; n < batch; n++) {
    Matrix a = {memory + words[0] + n * sa[0], sa[1], sa[2]}, b = {memory + words[1] + n * sb[0], sb[1], sb[2]};
    Matrix c = {plus ? memory + words[2] + n * sc[0] : 0, sc[1], sc[2]};
    Matrix y = {memory + words[3] + n * sy[0], sy[1], sy[2]};
    product(a, b, c, y, rows, columns, inner);
  }
}
