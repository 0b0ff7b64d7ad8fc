package io.github.f2d4j.engine.cpu.tile;

/** Two rows by four columns of single floats, for JVMs without the Vector API. */
final class TileScalar implements Tile {
  @Override
  public int rows() {
    return 2;
  }

  @Override
  public int columns() {
    return 4;
  }

  @Override
  public void multiply(float[] a, float[] b, int depth, float[] sums, int at, boolean first) {
    float s00 = first ? 0f : sums[at];
    float s01 = first ? 0f : sums[at + 1];
    float s02 = first ? 0f : sums[at + 2];
    float s03 = first ? 0f : sums[at + 3];
    float s10 = first ? 0f : sums[at + 4];
    float s11 = first ? 0f : sums[at + 5];
    float s12 = first ? 0f : sums[at + 6];
    float s13 = first ? 0f : sums[at + 7];
    for (int k = 0; k < depth; k++) {
      float b0 = b[4 * k];
      float b1 = b[4 * k + 1];
      float b2 = b[4 * k + 2];
      float b3 = b[4 * k + 3];
      float x0 = a[k];
      float x1 = a[PITCH + k];
      s00 = Math.fma(x0, b0, s00);
      s01 = Math.fma(x0, b1, s01);
      s02 = Math.fma(x0, b2, s02);
      s03 = Math.fma(x0, b3, s03);
      s10 = Math.fma(x1, b0, s10);
      s11 = Math.fma(x1, b1, s11);
      s12 = Math.fma(x1, b2, s12);
      s13 = Math.fma(x1, b3, s13);
    }
    sums[at] = s00;
    sums[at + 1] = s01;
    sums[at + 2] = s02;
    sums[at + 3] = s03;
    sums[at + 4] = s10;
    sums[at + 5] = s11;
    sums[at + 6] = s12;
    sums[at + 7] = s13;
  }
}
