#include "kernels.h"

extern unsigned char __heap_base;

// Where the memory may begin that JavaScript fills and hands to `run`: past the kernels' own, in bytes.
__attribute__((export_name("beginning"))) int beginning(void) { return ((int)&__heap_base + 63) & ~63; }

// Carry out a list of operations, each [number, words, its words ...]. Returns 0, or the number of one that it does not
// know.
__attribute__((export_name("run"))) int run(float *memory, const int *program, int words) {
  for (const int *end = program + words; program < end; program += 2 + program[1]) {
    switch (program[0]) {
    case 1:
      elementwise(memory, program + 2);
      break;
    case 2:
      convolution(memory, program + 2);
      break;
    case 3:
      group_norm(memory, program + 2);
      break;
    case 4:
      matrix_product(memory, program + 2);
      break;
    case 5:
      softmax(memory, program + 2);
      break;
    case 6:
      gather(memory, program + 2);
      break;
    case 7:
      zero(memory, program + 2);
      break;
    case 8:
      winograd(memory, program + 2);
      break;
    case 9:
      winograd_weights(memory, program + 2);
      break;
    case 10:
      reduce(memory, program + 2);
      break;
    case 11:
      group_norm_backward(memory, program + 2);
      break;
    case 12:
      scatter(memory, program + 2);
      break;
    case 13:
      winograd_tiles(memory, program + 2);
      break;
    case 14:
      winograd_gradient_tiles(memory, program + 2);
      break;
    case 15:
      winograd_gradient(memory, program + 2);
      break;
    case 16:
      convolution_weights(memory, program + 2);
      break;
    case 17:
      expected_ink(memory, program + 2);
      break;
    case 18:
      grid_sample(memory, program + 2);
      break;
    case 19:
      eigen(memory, program + 2);
      break;
    default:
      return program[0];
    }
  }
  return 0;
}

// Whole numbers of 2 or 3 bytes as float32, each row times its scale.
__attribute__((export_name("widen"))) void widen(const unsigned char *from, int bytes, const float *scales, float *to,
                                                 int rows, int columns) {
  for (int row = 0; row < rows; row++)
    for (int i = 0; i < columns; i++, from += bytes) {
      int whole = from[0] << 8 | from[1] << 16 | (bytes == 3 ? from[2] << 24 : 0);
      *to++ = (float)(bytes == 3 ? whole >> 8 : (whole << 8) >> 16) * scales[row];
    }
}
