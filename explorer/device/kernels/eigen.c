#include "kernels.h"

// words: x, values, vectors, room, matrices, n. x: symmetric matrices (n, n), one after another; values: theirs, rising,
// (n); vectors: (n, n), a column each. room: 4 n (n + 2) floats.
//
// Householder's reflections make the matrix tridiagonal, QL steps with implicit shifts then diagonal (Golub and Van
// Loan, Matrix Computations, 8.3), all in double. The vectors lie as rows meanwhile, so that all loops run along memory.

enum { MOST_TRIES = 60 }; // of one value; a handful is usual

static double dot(const double *a, const double *b, int n) {
  double even = 0, odd = 0;
  int i = 0;
  for (; i + 2 <= n; i += 2) even += a[i] * b[i], odd += a[i + 1] * b[i + 1];
  return even + odd + (i < n ? a[i] * b[i] : 0);
}

static void add(double *to, double factor, const double *from, int n) {
  for (int i = 0; i < n; i++) to[i] += factor * from[i];
}

// a becomes tridiagonal: its diagonal, and what is beside it from beside[1] on. Row k of a then holds, right of the
// diagonal, the k-th reflection's direction, and beside the diagonal's place its factor (in `factor`).
static void reflect(double *a, int n, double *diagonal, double *beside, double *factor, double *p) {
  for (int k = 0; k < n; k++) {
    double *v = a + (long)k * n + k + 1;
    int m = n - k - 1;
    diagonal[k] = a[(long)k * n + k];
    factor[k] = 0;
    if (!m) break;
    double rest = dot(v + 1, v + 1, m - 1), length = __builtin_sqrt(v[0] * v[0] + rest);
    beside[k + 1] = v[0];
    if (rest == 0) continue;
    beside[k + 1] = v[0] > 0 ? -length : length;
    v[0] -= beside[k + 1];
    factor[k] = 2 / (v[0] * v[0] + rest);
    double *inner = a + (long)(k + 1) * n + k + 1;
    for (int i = 0; i < m; i++) p[i] = factor[k] * dot(inner + (long)i * n, v, m);
    add(p, -factor[k] / 2 * dot(v, p, m), v, m);
    for (int i = 0; i < m; i++) {
      add(inner + (long)i * n, -v[i], p, m);
      add(inner + (long)i * n, -p[i], v, m);
    }
  }
}

// z, the product of all reflections, as rows.
static void collect(const double *a, int n, const double *factor, double *z) {
  for (long i = 0; i < (long)n * n; i++) z[i] = i % (n + 1) == 0;
  for (int k = n - 2; k >= 0; k--) {
    const double *v = a + (long)k * n + k + 1;
    if (factor[k])
      for (int row = k + 1; row < n; row++) {
        double *to = z + (long)row * n + k + 1;
        add(to, -factor[k] * dot(to, v, n - k - 1), v, n - k - 1);
      }
  }
}

// Turns two rows within their plane.
static void turn(double *a, double *b, double c, double s, int n) {
  for (int i = 0; i < n; i++) {
    double old = b[i];
    b[i] = s * a[i] + c * old;
    a[i] = c * a[i] - s * old;
  }
}

// QL steps until nothing is left beside the diagonal, where the values are then.
static void diagonalise(double *diagonal, double *beside, double *z, int n) {
  for (int i = 1; i < n; i++) beside[i - 1] = beside[i];
  beside[n - 1] = 0;
  for (int l = 0; l < n; l++)
    for (int tries = 0; tries < MOST_TRIES; tries++) {
      int m = l;
      for (; m < n - 1; m++) {
        double size = __builtin_fabs(diagonal[m]) + __builtin_fabs(diagonal[m + 1]);
        if (__builtin_fabs(beside[m]) <= 2.3e-16 * size) break;
      }
      if (m == l) break;
      double g = (diagonal[l + 1] - diagonal[l]) / (2 * beside[l]), r = __builtin_sqrt(g * g + 1);
      g = diagonal[m] - diagonal[l] + beside[l] / (g + (g < 0 ? -r : r));
      double s = 1, c = 1, p = 0;
      int i = m - 1;
      for (; i >= l; i--) {
        double f = s * beside[i], b = c * beside[i];
        r = __builtin_sqrt(f * f + g * g);
        beside[i + 1] = r;
        if (r == 0) { // a value has been found on the way
          diagonal[i + 1] -= p;
          beside[m] = 0;
          break;
        }
        s = f / r, c = g / r;
        g = diagonal[i + 1] - p;
        r = (diagonal[i] - g) * s + 2 * c * b;
        p = s * r;
        diagonal[i + 1] = g + p;
        g = c * r - b;
        turn(z + (long)i * n, z + (long)(i + 1) * n, c, s, n);
      }
      if (r == 0 && i >= l) continue;
      diagonal[l] -= p;
      beside[l] = g;
      beside[m] = 0;
    }
}

// The smallest value that has not been told yet becomes the next one.
static void tell_rising(const double *diagonal, const double *z, int n, double *told, float *values, float *vectors) {
  for (int i = 0; i < n; i++) told[i] = 0;
  for (int k = 0; k < n; k++) {
    int best = -1;
    for (int i = 0; i < n; i++)
      if (!told[i] && (best < 0 || diagonal[i] < diagonal[best])) best = i;
    told[best] = 1;
    values[k] = (float)diagonal[best];
    for (int i = 0; i < n; i++) vectors[(long)i * n + k] = (float)z[(long)best * n + i];
  }
}

void eigen(float *memory, const int *words) {
  int n = words[5];
  double *a = (double *)(memory + words[3]), *z = a + (long)n * n;
  double *diagonal = z + (long)n * n, *beside = diagonal + n, *factor = beside + n, *p = factor + n;
  for (int k = 0; k < words[4]; k++) {
    const float *x = memory + words[0] + (long)k * n * n;
    for (long i = 0; i < (long)n * n; i++) a[i] = x[i];
    reflect(a, n, diagonal, beside, factor, p);
    collect(a, n, factor, z);
    diagonalise(diagonal, beside, z, n);
    tell_rising(diagonal, z, n, p, memory + words[1] + (long)k * n, memory + words[2] + (long)k * n * n);
  }
}
