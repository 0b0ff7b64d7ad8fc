package io.github.f2d4j.kernels.ptx;

import static io.github.f2d4j.kernels.ptx.FloatArithmetic.bits;
import static io.github.f2d4j.kernels.ptx.FloatArithmetic.f;

import io.github.f2d4j.kernels.ptx.Operands.Address;

/** ldmatrix and mma: the whole warp together. */
final class TensorCores {
  private static final int ALL = -1;

  private TensorCores() {}

  static Operation decode(Mnemonic name, Operands o) {
    return switch (name.toString()) {
      case "ldmatrix.sync.aligned.m8n8.x4.shared.b16" -> loadMatrices(o, false);
      case "ldmatrix.sync.aligned.m8n8.x4.trans.shared.b16" -> loadMatrices(o, true);
      case "mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32" -> multiply(o, PtxType.F16);
      case "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32" -> multiply(o, PtxType.BF16);
      default -> throw name.unknown();
    };
  }

  private static void converged(int lanes) {
    if (lanes != ALL) {
      throw new KernelFault(
          KernelFault.Kind.DIVERGENCE, "only the lanes %08x take part".formatted(lanes));
    }
  }

  /**
   * Four 8x8 matrices of 16-bit elements; lane 8q + r gives the address of row r of matrix q, and
   * lane 4r + c gets elements (r,2c) and (r,2c+1) of each, or (2c,r) and (2c+1,r) of the
   * transposed.
   */
  private static Operation loadMatrices(Operands o, boolean transposed) {
    int[] targets = o.registers(0);
    Address address = o.address(1);
    return (warp, lanes) -> {
      converged(lanes);
      Memory shared = warp.block.shared;
      int[] rows = new int[32];
      for (int lane = 0; lane < 32; lane++) {
        rows[lane] = shared.place(address.in(warp, lane), 16);
        shared.log.read(warp.block.clock, warp.index, rows[lane], 16);
      }
      for (int q = 0; q < 4; q++) {
        for (int lane = 0; lane < 32; lane++) {
          int r = lane / 4;
          int c = lane % 4;
          long value =
              transposed
                  ? shared.get(rows[q * 8 + 2 * c] + 2 * r, 2)
                      | (shared.get(rows[q * 8 + 2 * c + 1] + 2 * r, 2) << 16)
                  : shared.get(rows[q * 8 + r] + 4 * c, 4);
          warp.registers[targets[q] + lane] = value;
        }
      }
    };
  }

  /**
   * D [16,8] = A [16,16]·B [16,8] + C, with the layouts of PTX ISA 9.7.14.5.8. With g = lane / 4
   * and t = lane % 4: a_i holds A[g + 8·(i%2)][2t + 8·(i/2)] and the next column, b_i holds B[2t +
   * 8i][g] and the next row, c_i is C[g + 8·(i/2)][2t + i%2].
   */
  private static Operation multiply(Operands o, PtxType type) {
    int[] d = o.registers(0);
    int[] a = o.registers(1);
    int[] b = o.registers(2);
    int[] c = o.registers(3);
    return (warp, lanes) -> {
      converged(lanes);
      long[] r = warp.registers;
      float[] left = new float[16 * 16]; // [row][k]
      float[] right = new float[8 * 16]; // [column][k]
      for (int lane = 0; lane < 32; lane++) {
        int g = lane / 4;
        int t = lane % 4;
        for (int i = 0; i < 4; i++) {
          unpack(left, (g + i % 2 * 8) * 16 + 2 * t + i / 2 * 8, type, r[a[i] + lane]);
        }
        for (int i = 0; i < 2; i++) {
          unpack(right, g * 16 + 2 * t + i * 8, type, r[b[i] + lane]);
        }
      }
      for (int lane = 0; lane < 32; lane++) {
        for (int i = 0; i < 4; i++) {
          int row = lane / 4 + i / 2 * 8;
          int column = lane % 4 * 2 + i % 2;
          float sum = f(r[c[i] + lane]);
          for (int k = 0; k < 16; k++) {
            sum += left[row * 16 + k] * right[column * 16 + k];
          }
          r[d[i] + lane] = bits(sum);
        }
      }
    };
  }

  private static void unpack(float[] to, int at, PtxType type, long register) {
    to[at] = Conversions.widen(type, (int) register & 0xffff);
    to[at + 1] = Conversions.widen(type, (int) (register >>> 16) & 0xffff);
  }
}
