#include "kernels.h"

// words: x_t, signal, noise, label, ink, labels, left out, y, room, rows, pictures, pixels, any label, ink of 1 as bits.
// y = E[ink of x_0 | x_t], x_0 being one of the pictures, which lie as bytes; see explorer/core/perfect_guess.py.
// room: twice as many floats as pictures. pixels: a multiple of 16, at most MOST_PIXELS.
//
// Products of x_t with the pictures are exact: x_t is taken for a whole number of 30 bits, in two halves of 15, whose
// products with bytes fit 32 bits. Near t = 0 small differences of large sums decide; all else is in double.

enum { MOST_PIXELS = 1024, HALF = 15, BLOCK = 32 };
#define NEGLIGIBLE 40.0 // e^-40 of the likeliest adds nothing to it
#define UNLIKELY -1e300

// e^x for x <= 0: x = n ln 2 + r, a Taylor series in r, and n put into the exponent.
static double power_of_e(double x) {
  double n = __builtin_rint(x * 1.44269504088896338700), sum = 1;
  double r = (x - n * 6.93147180369123816490e-01) - n * 1.90821492927058770002e-10;
  for (int k = 13; k > 0; k--) sum = 1 + sum * r / k;
  union {
    long long whole;
    double real;
  } power = {((long long)n + 1023) << 52};
  return sum * power.real;
}

static double sum_of_whole(v128_t v) {
  return ((double)wasm_i32x4_extract_lane(v, 0) + wasm_i32x4_extract_lane(v, 1)) +
         ((double)wasm_i32x4_extract_lane(v, 2) + wasm_i32x4_extract_lane(v, 3));
}

// x as whole numbers, high and low halves; returns how many of them 1 is.
static double halved(const double *x, int pixels, short *high, short *low) {
  double largest = 0;
  for (int p = 0; p < pixels; p++) largest = __builtin_fabs(x[p]) > largest ? __builtin_fabs(x[p]) : largest;
  double scale = largest > 0 ? (1 << 29) / largest : 1;
  for (int p = 0; p < pixels; p++) {
    int whole = (int)__builtin_rint(x[p] * scale);
    high[p] = (short)(whole >> HALF);
    low[p] = (short)(whole & ((1 << HALF) - 1));
  }
  return scale;
}

static inline v128_t add_dot(v128_t sum, v128_t a, const short *b) {
  return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(a, wasm_v128_load(b)));
}

// A picture's product with x, and with itself.
static void products(const unsigned char *ink, const short *high, const short *low, int pixels, double *by_x,
                     double *by_itself) {
  v128_t tall = wasm_i32x4_splat(0), small = tall, own = tall;
  for (int p = 0; p < pixels; p += 16) {
    v128_t bytes = wasm_v128_load(ink + p);
    v128_t first = wasm_u16x8_extend_low_u8x16(bytes), last = wasm_u16x8_extend_high_u8x16(bytes);
    tall = add_dot(add_dot(tall, first, high + p), last, high + p + 8);
    small = add_dot(add_dot(small, first, low + p), last, low + p + 8);
    own = wasm_i32x4_add(own, wasm_i32x4_dot_i16x8(first, first));
    own = wasm_i32x4_add(own, wasm_i32x4_dot_i16x8(last, last));
  }
  *by_x = sum_of_whole(tall) * (1 << HALF) + sum_of_whole(small);
  *by_itself = sum_of_whole(own);
}

// sum += weight * bytes
static inline void add_weighted(float *sum, const unsigned char *bytes, int pixels, float weight) {
  v128_t share = wasm_f32x4_splat(weight);
  for (int p = 0; p < pixels; p += 4) {
    v128_t four = wasm_u32x4_extend_low_u16x8(wasm_u16x8_extend_low_u8x16(wasm_v128_load32_zero(bytes + p)));
    wasm_v128_store(sum + p, multiply_add(wasm_v128_load(sum + p), share, wasm_f32x4_convert_i32x4(four)));
  }
}

static void move_over(double *to, float *sum, int pixels) {
  for (int p = 0; p < pixels; p++) to[p] += sum[p], sum[p] = 0;
}

static void one_row(const float *x_t, double signal, double noise, const unsigned char *ink, double *logits,
                    int pictures, int pixels, double ink_of_1, float *y) {
  short high[MOST_PIXELS], low[MOST_PIXELS];
  float block[MOST_PIXELS] = {0};
  double x_t_ink[MOST_PIXELS], mean[MOST_PIXELS] = {0}, variance = noise * noise, likeliest = UNLIKELY, sum = 0;
  for (int p = 0; p < pixels; p++) x_t_ink[p] = x_t[p] + signal; // as if black were 0
  double scale = halved(x_t_ink, pixels, high, low);
  for (int i = 0; i < pictures; i++) {
    if (logits[i] == UNLIKELY) continue;
    double by_x, by_itself;
    products(ink + i * pixels, high, low, pixels, &by_x, &by_itself);
    logits[i] = (by_x / (scale * ink_of_1) - signal * by_itself / (2 * ink_of_1 * ink_of_1)) * signal / variance;
    likeliest = logits[i] > likeliest ? logits[i] : likeliest;
  }
  for (int i = 0, held = 0; i < pictures; i++) {
    if (logits[i] < likeliest - NEGLIGIBLE || logits[i] == UNLIKELY) continue;
    double weight = power_of_e(logits[i] - likeliest);
    sum += weight;
    add_weighted(block, ink + i * pixels, pixels, (float)weight);
    if (++held % BLOCK == 0) move_over(mean, block, pixels); // float32 is exact enough for few
  }
  move_over(mean, block, pixels);
  for (int p = 0; p < pixels; p++) y[p] = (float)(mean[p] / (sum * ink_of_1)); // of no picture: not a number
}

void expected_ink(float *memory, const int *words) {
  const float *x_t = memory + words[0], *signal = memory + words[1], *noise = memory + words[2];
  const float *label = memory + words[3], *labels = memory + words[5];
  int rows = words[9], pictures = words[10], pixels = words[11], left_out = (int)memory[words[6]];
  float *y = memory + words[7];
  double *logits = (double *)(memory + words[8]);
  for (int row = 0; row < rows; row++) {
    for (int i = 0; i < pictures; i++) {
      int ours = (int)label[row] == words[12] || label[row] == labels[i];
      logits[i] = ours && i != left_out ? 0 : UNLIKELY;
    }
    one_row(x_t + row * pixels, signal[row], noise[row], (const unsigned char *)(memory + words[4]), logits, pictures,
            pixels, float_of(words[13]), y + row * pixels);
  }
}
