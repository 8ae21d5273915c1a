#include "kernels.h"

// words: x, grid, y, pictures, channels, height, width, rows, columns. All lie without gaps: x (pictures, channels,
// height, width), grid (pictures, rows, columns, 2), y (pictures, channels, rows, columns).
// y is x at the grid's places, of which each is (right, down) from -1 at x's one edge to 1 at its other, the four pixels
// about it weighed by how near they are; what lies outside of x is 0. (torch's grid_sample, bilinear, padded with zeros,
// the corners not aligned.)

static inline float pixel(const float *x, int height, int width, int row, int column) {
  return row < 0 || row >= height || column < 0 || column >= width ? 0 : x[row * width + column];
}

void grid_sample(float *memory, const int *words) {
  const float *x = memory + words[0], *grid = memory + words[1];
  float *y = memory + words[2];
  int pictures = words[3], channels = words[4], height = words[5], width = words[6], places = words[7] * words[8];
  for (int n = 0; n < pictures; n++, grid += 2 * places)
    for (int c = 0; c < channels; c++, x += height * width)
      for (int k = 0; k < places; k++) {
        float right = ((grid[2 * k] + 1) * (float)width - 1) / 2;
        float down = ((grid[2 * k + 1] + 1) * (float)height - 1) / 2;
        float left = __builtin_floorf(right), top = __builtin_floorf(down);
        float across = right - left, below = down - top;
        int column = (int)left, row = (int)top;
        float upper = pixel(x, height, width, row, column) * (1 - across) +
                      pixel(x, height, width, row, column + 1) * across;
        float lower = pixel(x, height, width, row + 1, column) * (1 - across) +
                      pixel(x, height, width, row + 1, column + 1) * across;
        *y++ = upper * (1 - below) + lower * below;
      }
}
