#include "mathematics.h"

// words: kind, operands, dims, sizes[dims], then for the result and each operand: place, strides[dims].
// Sizes run from the outermost dimension to the innermost, along which the vectors go.

enum { COPY, ADD, SUBTRACT, MULTIPLY, DIVIDE, ADD_PRODUCT, SILU, LOGISTIC, SINE, COSINE };
enum { SILU_BACKWARD = COSINE + 1, SQUARE_ROOT, EXPONENTIAL, LESS, CHOOSE, MAXIMUM, MINIMUM, BETWEEN, LOGARITHM };
enum { MOST_OPERANDS = 4 }; // the result is the first

static inline v128_t apply(int kind, v128_t a, v128_t b, v128_t c) {
  switch (kind) {
  case ADD:
    return wasm_f32x4_add(a, b);
  case SUBTRACT:
    return wasm_f32x4_sub(a, b);
  case MULTIPLY:
    return wasm_f32x4_mul(a, b);
  case DIVIDE:
    return wasm_f32x4_div(a, b);
  case ADD_PRODUCT:
    return wasm_f32x4_add(a, wasm_f32x4_mul(b, c));
  case SILU:
    return silu(a);
  case LOGISTIC:
    return logistic(a);
  case SINE:
  case COSINE:
    return wasm_f32x4_make(sine(wasm_f32x4_extract_lane(a, 0), kind == COSINE),
                           sine(wasm_f32x4_extract_lane(a, 1), kind == COSINE),
                           sine(wasm_f32x4_extract_lane(a, 2), kind == COSINE),
                           sine(wasm_f32x4_extract_lane(a, 3), kind == COSINE));
  case SILU_BACKWARD:
    return silu_backward(a, b);
  case SQUARE_ROOT:
    return wasm_f32x4_sqrt(a);
  case EXPONENTIAL:
    return exponential(a);
  case LESS:
    return wasm_v128_and(wasm_f32x4_lt(a, b), wasm_f32x4_splat(1.0f));
  case CHOOSE:
    return wasm_v128_bitselect(b, c, wasm_f32x4_ne(a, wasm_f32x4_splat(0)));
  case MAXIMUM:
    return wasm_f32x4_max(a, b);
  case MINIMUM:
    return wasm_f32x4_min(a, b);
  case BETWEEN:
    return wasm_f32x4_add(a, wasm_f32x4_mul(c, wasm_f32x4_sub(b, a)));
  case LOGARITHM:
    return wasm_f32x4_make(natural_logarithm(wasm_f32x4_extract_lane(a, 0)),
                           natural_logarithm(wasm_f32x4_extract_lane(a, 1)),
                           natural_logarithm(wasm_f32x4_extract_lane(a, 2)),
                           natural_logarithm(wasm_f32x4_extract_lane(a, 3)));
  default:
    return a;
  }
}

// Up to four numbers that lie `stride` apart; the last is repeated.
static inline __attribute__((always_inline)) v128_t fetch(const float *from, int stride, int count) {
  int last = count - 1;
  return wasm_f32x4_make(from[0], from[stride * (last < 1 ? last : 1)], from[stride * (last < 2 ? last : 2)],
                         from[stride * (last < 3 ? last : 3)]);
}

static inline __attribute__((always_inline)) void store(float *to, int stride, int count, v128_t v) {
  to[0] = wasm_f32x4_extract_lane(v, 0);
  if (count > 1) to[stride] = wasm_f32x4_extract_lane(v, 1);
  if (count > 2) to[2 * stride] = wasm_f32x4_extract_lane(v, 2);
  if (count > 3) to[3 * stride] = wasm_f32x4_extract_lane(v, 3);
}

// `count` numbers of a line, 1 to 4, from number i on.
static inline __attribute__((always_inline)) void some(int kind, int count, int i, float *const at[],
                                                       const int stride[]) {
  v128_t from[MOST_OPERANDS];
  for (int k = 1; k < MOST_OPERANDS; k++) from[k] = fetch(at[k] + i * stride[k], stride[k], count);
  store(at[0] + i * stride[0], stride[0], count, apply(kind, from[1], from[2], from[3]));
}

// One innermost line. `kind` is a constant wherever this is inlined.
static inline __attribute__((always_inline)) void line(int kind, int count, float *const at[], const int stride[]) {
  float *to = at[0];
  const float *a = at[1], *b = at[2], *c = at[3];
  int i = 0;
  if (stride[0] == 1 && (stride[1] | 1) == 1 && (stride[2] | 1) == 1 && (stride[3] | 1) == 1) {
    // an operand that is the same all along is laid out as a vector, and not advanced
    v128_t same_a = wasm_v128_load32_splat(a), same_b = wasm_v128_load32_splat(b), same_c = wasm_v128_load32_splat(c);
    if (!stride[1]) a = (const float *)&same_a;
    if (!stride[2]) b = (const float *)&same_b;
    if (!stride[3]) c = (const float *)&same_c;
    for (; i + 4 <= count; i += 4) {
      v128_t v = apply(kind, wasm_v128_load(a + i * stride[1]), wasm_v128_load(b + i * stride[2]),
                       wasm_v128_load(c + i * stride[3]));
      wasm_v128_store(to + i, v);
    }
    a = at[1], b = at[2], c = at[3];
  }
  for (; i + 4 <= count; i += 4) some(kind, 4, i, at, stride);
  if (i < count) some(kind, count - i, i, at, stride);
}

void elementwise(float *memory, const int *words) {
  int kind = words[0], operands = words[1], dims = words[2];
  const int *size = words + 3, *operand = size + dims;
  float *at[MOST_OPERANDS];
  const int *strides[MOST_OPERANDS];
  int inner[MOST_OPERANDS], place[MOST_DIMS] = {0};
  for (int k = 0; k < MOST_OPERANDS; k++) { // those that there are not are taken for the last
    const int *own = operand + (k < operands ? k : operands - 1) * (dims + 1);
    at[k] = memory + own[0];
    strides[k] = own + 1;
    inner[k] = strides[k][dims - 1];
  }
  for (;;) {
    switch (kind) {
#define KIND(name)                                                                                                     \
  case name:                                                                                                           \
    line(name, size[dims - 1], at, inner);                                                                             \
    break;
      KIND(COPY)
      KIND(ADD)
      KIND(SUBTRACT)
      KIND(MULTIPLY)
      KIND(DIVIDE)
      KIND(ADD_PRODUCT)
      KIND(SILU)
      KIND(LOGISTIC)
      KIND(SINE)
      KIND(COSINE)
      KIND(SILU_BACKWARD)
      KIND(SQUARE_ROOT)
      KIND(EXPONENTIAL)
      KIND(LESS)
      KIND(CHOOSE)
      KIND(MAXIMUM)
      KIND(MINIMUM)
      KIND(BETWEEN)
      KIND(LOGARITHM)
    }
    int d = dims - 2;
    for (; d >= 0; d--) { // the next line
      for (int k = 0; k < MOST_OPERANDS; k++) at[k] += strides[k][d];
      if (++place[d] < size[d]) break;
      for (int k = 0; k < MOST_OPERANDS; k++) at[k] -= strides[k][d] * size[d];
      place[d] = 0;
    }
    if (d < 0) return;
  }
}

// words: place, count.
void zero(float *memory, const int *words) { __builtin_memset(memory + words[0], 0, words[1] * sizeof(float)); }
