// Sine and cosine, exact to the last place or two, without tables.
#pragma once

// sin and cos of x, |x| < 10⁵, to about 1e-7. First x = quarter·π/2 + r, with π/2 in three parts whose
// products with a small whole number are exact or nearly (Cody and Waite, "Software Manual for the
// Elementary Functions", 1980, chapter 8); then the series on |r| ≤ π/4. The hardware's own sine would
// lose three digits at the thousandth timestep, the library's would carry a table for huge arguments.
__device__ __forceinline__ void sine_cosine(float x, float& sine, float& cosine) {
  const float quarter = rintf(x * 0.636619772f);
  float r = fmaf(-quarter, 1.57079601e+0f, x);
  r = fmaf(-quarter, 3.13916473e-7f, r);
  r = fmaf(-quarter, 5.39030253e-15f, r);
  const float r2 = r * r;
  float s = fmaf(2.60831599e-6f, r2, -1.98106907e-4f);
  s = fmaf(s, r2, 8.33307858e-3f);
  s = fmaf(s, r2, -1.66666597e-1f);
  s = fmaf(s * r2, r, r);
  float c = fmaf(2.44331571e-5f, r2, -1.38873162e-3f);
  c = fmaf(c, r2, 4.16666456e-2f);
  c = fmaf(c, r2, -0.5f);
  c = fmaf(c, r2, 1.f);
  const int q = (int)quarter & 3;
  sine = (q & 1) ? c : s;
  cosine = (q & 1) ? s : c;
  if (q & 2) sine = -sine;
  if (q == 1 || q == 2) cosine = -cosine;
}
