// Functions that a freestanding module has to bring along.
#pragma once

#include "kernels.h"

// e^x to about 2 units in the last place: x = n ln 2 + r, a polynomial in r (Cephes' expf), and n put into the
// exponent.
static inline v128_t exponential(v128_t x) {
  x = wasm_f32x4_min(wasm_f32x4_max(x, wasm_f32x4_splat(-87.0f)), wasm_f32x4_splat(88.0f));
  v128_t n = wasm_f32x4_nearest(wasm_f32x4_mul(x, wasm_f32x4_splat(1.44269504f)));
  v128_t r = wasm_f32x4_sub(x, wasm_f32x4_mul(n, wasm_f32x4_splat(0.693359375f)));
  r = wasm_f32x4_sub(r, wasm_f32x4_mul(n, wasm_f32x4_splat(-2.12194440e-4f)));
  v128_t p = wasm_f32x4_splat(1.9875691500e-4f);
  p = multiply_add(wasm_f32x4_splat(1.3981999507e-3f), p, r);
  p = multiply_add(wasm_f32x4_splat(8.3334519073e-3f), p, r);
  p = multiply_add(wasm_f32x4_splat(4.1665795894e-2f), p, r);
  p = multiply_add(wasm_f32x4_splat(1.6666665459e-1f), p, r);
  p = multiply_add(wasm_f32x4_splat(5.0000001201e-1f), p, r);
  p = multiply_add(wasm_f32x4_add(r, wasm_f32x4_splat(1.0f)), p, wasm_f32x4_mul(r, r));
  v128_t power = wasm_i32x4_shl(wasm_i32x4_add(wasm_i32x4_trunc_sat_f32x4(n), wasm_i32x4_splat(127)), 23);
  return wasm_f32x4_mul(p, power);
}

// 1 / (1 + e^-x)
static inline v128_t logistic(v128_t x) {
  v128_t one = wasm_f32x4_splat(1.0f);
  return wasm_f32x4_div(one, wasm_f32x4_add(one, exponential(wasm_f32x4_neg(x))));
}

static inline v128_t silu(v128_t x) { return wasm_f32x4_mul(x, logistic(x)); }

// gradient * d silu(x) / dx
static inline v128_t silu_backward(v128_t gradient, v128_t x) {
  v128_t one = wasm_f32x4_splat(1.0f), y = logistic(x);
  v128_t slope = wasm_f32x4_mul(y, multiply_add(one, x, wasm_f32x4_sub(one, y)));
  return wasm_f32x4_mul(gradient, slope);
}

// sin(x + quarters * pi / 2), for |x| up to 10^5: what is left of whole quarter turns, by its Taylor series.
static inline float sine(float x, int quarters) {
  double turned = __builtin_rint((double)x * 0.63661977236758134308);
  double r = ((double)x - turned * 1.57079632679489655800) - turned * 6.12323399573676603587e-17;
  double s = r * r;
  switch ((int)((long long)turned + quarters) & 3) {
  case 0:
    return (float)(r + r * s * (-1.0 / 6 + s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880 - s / 39916800)))));
  case 1:
    return (float)(1 + s * (-0.5 + s * (1.0 / 24 + s * (-1.0 / 720 + s * (1.0 / 40320 - s / 3628800)))));
  case 2:
    return (float)-(r + r * s * (-1.0 / 6 + s * (1.0 / 120 + s * (-1.0 / 5040 + s * (1.0 / 362880 - s / 39916800)))));
  default:
    return (float)-(1 + s * (-0.5 + s * (1.0 / 24 + s * (-1.0 / 720 + s * (1.0 / 40320 - s / 3628800)))));
  }
}

// ln x for x > 0: x = 2^n m, m about 1, and ln m = 2 artanh((m - 1) / (m + 1)) by its series.
static inline float natural_logarithm(float x) {
  union {
    double real;
    long long whole;
  } both = {x};
  int n = (int)(both.whole >> 52) - 1023;
  both.whole = (both.whole & 0xfffffffffffffll) | 1023ll << 52;
  if (both.real > 1.41421356) both.real /= 2, n++;
  double z = (both.real - 1) / (both.real + 1), s = z * z;
  double series = 1 + s * (1.0 / 3 + s * (1.0 / 5 + s * (1.0 / 7 + s * (1.0 / 9 + s / 11))));
  return (float)(2 * z * series + n * 0.69314718055994530942);
}
