// The operations of the device's runtime. Each is one function, which gets the memory (all tensors lie in it, and every
// place is a number of floats from its beginning) and the operation's own words, as explorer/device/operations.py
// describes them.
#pragma once

#include <wasm_simd128.h>

#define MOST_DIMS 6

void eigen(float *memory, const int *words);
void elementwise(float *memory, const int *words);
void expected_ink(float *memory, const int *words);
void convolution(float *memory, const int *words);
void convolution_weights(float *memory, const int *words);
void winograd(float *memory, const int *words);
void winograd_weights(float *memory, const int *words);
void winograd_tiles(float *memory, const int *words);
void winograd_gradient_tiles(float *memory, const int *words);
void winograd_gradient(float *memory, const int *words);
void grid_sample(float *memory, const int *words);
void group_norm(float *memory, const int *words);
void group_norm_backward(float *memory, const int *words);
void matrix_product(float *memory, const int *words);
void softmax(float *memory, const int *words);
void gather(float *memory, const int *words);
void scatter(float *memory, const int *words);
void reduce(float *memory, const int *words);
void zero(float *memory, const int *words);

// a + b * c. With relaxed SIMD in one instruction, where the processor has it.
static inline v128_t multiply_add(v128_t a, v128_t b, v128_t c) {
#ifdef __wasm_relaxed_simd__
  return wasm_f32x4_relaxed_madd(b, c, a);
#else
  return wasm_f32x4_add(a, wasm_f32x4_mul(b, c));
#endif
}

static inline float sum_of(v128_t v) {
  return (wasm_f32x4_extract_lane(v, 0) + wasm_f32x4_extract_lane(v, 1)) +
         (wasm_f32x4_extract_lane(v, 2) + wasm_f32x4_extract_lane(v, 3));
}

static inline float float_of(int bits) {
  union {
    int whole;
    float real;
  } both = {bits};
  return both.real;
}
