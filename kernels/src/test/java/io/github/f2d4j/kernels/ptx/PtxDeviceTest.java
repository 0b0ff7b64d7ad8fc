package io.github.f2d4j.kernels.ptx;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.f2d4j.kernels.catalog.Argument;
import io.github.f2d4j.kernels.catalog.Dim3;
import io.github.f2d4j.kernels.catalog.ElementType;
import io.github.f2d4j.kernels.catalog.KernelLaunch;
import io.github.f2d4j.kernels.ptx.KernelFault.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The interpreter itself, on kernels of a few lines. */
class PtxDeviceTest {
  /** Each thread has its number in %r1, four times that in %r2, and its place in y in %rd2. */
  private static final String FRAME =
      """
      .version 7.0
      .target sm_80
      .address_size 64
      .extern .shared .align 16 .b8 memory[];
      .visible .entry k(.param .u64 k_param_0)
      {
        .reg .pred %p<4>;
        .reg .b32 %r<16>;
        .reg .f32 %f<8>;
        .reg .b64 %rd<8>;
        ld.param.u64 %rd1, [k_param_0];
        mov.u32 %r1, %tid.x;
        shl.b32 %r2, %r1, 2;
        mul.wide.u32 %rd3, %r1, 4;
        add.s64 %rd2, %rd1, %rd3;
        BODY
        ret;
      }
      """;

  private static float[] run(int blocks, int threads, String body) {
    PtxDevice device = new PtxDevice();
    DeviceBuffer y = device.allocate(64 * 4);
    device.launch(
        PtxParser.parse(FRAME.replace("BODY", body)),
        new KernelLaunch(
            "test",
            "k",
            Dim3.of(blocks),
            Dim3.of(threads),
            256,
            List.of(new Argument.Address(y.address()))));
    return y.read(ElementType.F32);
  }

  private static Kind fault(int blocks, int threads, String body) {
    return assertThrows(KernelFault.class, () -> run(blocks, threads, body)).kind();
  }

  /** One thread's %r3 after the body, as a whole number. */
  private static int result(String body) {
    return Float.floatToRawIntBits(run(1, 1, body + " st.global.u32 [%rd2], %r3;")[0]);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          mul.hi.u32 %r3, 0xFFFFFFFF, 0xFFFFFFFF;      | -2
          mul.hi.s32 %r3, -1, 5;                       | -1
          mad.lo.s32 %r3, 7, -3, 1;                    | -20
          div.s32 %r3, -7, 2;                          | -3
          rem.s32 %r3, -7, 2;                          | -1
          div.u32 %r3, -2, 2;                          | 2147483647
          shr.s32 %r3, -8, 40;                         | -1
          shr.u32 %r3, -8, 40;                         | 0
          shl.b32 %r3, 1, 32;                          | 0
          shr.u32 %r3, -1, 31;                         | 1
          bfi.b32 %r3, 5, 255, 4, 3;                   | 223
          min.u32 %r3, -1, 3;                          | 3
          max.s32 %r3, -1, 3;                          | 3
          setp.lt.u32 %p1, -1, 3; selp.b32 %r3, 1, 2, %p1; | 2
          mov.b32 %f1, 0fBFC00000; cvt.rzi.s32.f32 %r3, %f1; | -1
          mov.b32 %f1, 0f40200000; cvt.rni.f32.f32 %f2, %f1; cvt.rzi.s32.f32 %r3, %f2; | 2
          mov.b32 %f1, 0f3F808000; { .reg .b16 %h; cvt.rn.bf16.f32 %h, %f1; mov.b32 %r3, {%h,%h}; } | 1065369472
          mov.b32 %f1, 0f7149F2CA; cvt.sat.f32.f32 %f2, %f1; mov.b32 %r3, %f2; | 1065353216
          """)
  void computes(String body, int expected) {
    assertEquals(expected, result(body));
  }

  /** 1 + 2^-30 rounds to 1 either way; 1 - 2^-30 does not. */
  @Test
  void roundsDownward() {
    String body = "mov.b32 %%f1, 0f3F800000; fma.%s.f32 %%f2, %%f1, %s, %%f1; mov.b32 %%r3, %%f2;";
    String tiny = "0f30800000"; // 2^-30
    String minusTiny = "0fB0800000";
    int one = Float.floatToRawIntBits(1);
    assertEquals(one, result(body.formatted("rn", tiny)));
    assertEquals(one, result(body.formatted("rm", tiny)));
    assertEquals(one, result(body.formatted("rn", minusTiny)));
    assertEquals(one - 1, result(body.formatted("rm", minusTiny)));
  }

  /** Odd lanes count to two, even ones to one; all meet before the store. */
  @Test
  void lanesPartAndMeet() {
    float[] y =
        run(
            1,
            33,
            """
            mov.b32 %f1, 0f3F800000;
            and.b32 %r3, %r1, 1;
            setp.eq.s32 %p1, %r3, 0;
            @%p1 bra $even;
            add.f32 %f1, %f1, 0f3F800000;
            $even:
            shfl.sync.idx.b32 %f2|%p2, %f1, 1, 31, -1;
            setp.eq.s32 %p3, %r1, 0;
            @!%p3 bra $store;
            mov.b32 %f1, %f2;
            $store:
            st.global.f32 [%rd2], %f1;
            """
                .replace("shfl", "setp.lt.s32 %p2, %r1, 32;\n@%p2 shfl")
                .replace("%f2|%p2", "%f2"));
    assertArrayEquals(new float[] {2, 2, 1, 2}, java.util.Arrays.copyOf(y, 4));
    assertEquals(1, y[32]);
  }

  @Test
  void findsRaces() {
    String write = "add.s32 %r3, %r2, 0; st.shared.u32 [%r3], %r1; ";
    String readOther = "xor.b32 %r4, %r2, 128; ld.shared.u32 %r5, [%r4];";
    assertEquals(Kind.RACE, fault(1, 64, "st.shared.u32 [memory], %r1;"));
    assertEquals(Kind.UNINITIALISED, fault(1, 64, write + readOther));
    run(1, 64, write + "bar.sync 0; " + readOther);
    assertEquals(
        Kind.RACE, fault(1, 64, write + "bar.sync 0; " + readOther + " st.shared.u32 [%r2], %r1;"));
    assertEquals(Kind.RACE, fault(2, 32, "st.global.u32 [%rd2], %r1;"));
    assertEquals(
        Kind.RACE, fault(1, 32, "st.global.u32 [%rd2], %r1; ld.global.nc.u32 %r3, [%rd2];"));
  }

  @Test
  void findsWrongAddresses() {
    assertEquals(Kind.UNINITIALISED, fault(1, 1, "ld.global.u32 %r3, [%rd2];"));
    assertEquals(Kind.UNINITIALISED, fault(1, 1, "ld.shared.u32 %r3, [memory];"));
    assertEquals(Kind.OUT_OF_BOUNDS, fault(1, 1, "ld.global.u32 %r3, [%rd2+256];"));
    assertEquals(Kind.OUT_OF_BOUNDS, fault(1, 1, "st.global.u32 [%rd2+-4], %r1;"));
    assertEquals(Kind.OUT_OF_BOUNDS, fault(1, 65, "st.global.u32 [%rd2], %r1;"));
    assertEquals(Kind.OUT_OF_BOUNDS, fault(1, 1, "st.shared.u32 [memory+256], %r1;"));
    assertEquals(Kind.MISALIGNED, fault(1, 1, "st.global.u32 [%rd2+2], %r1;"));
    assertEquals(Kind.MISALIGNED, fault(1, 1, "st.shared.v2.u32 [memory+4], {%r1,%r1};"));
  }

  @Test
  void findsCopiesNotWaitedFor() {
    String copy =
        "st.global.v4.u32 [%rd1], {%r1,%r1,%r1,%r1}; cp.async.cg.shared.global [memory], [%rd1],"
            + " 16, 0; cp.async.commit_group; ";
    String read = " ld.shared.u32 %r3, [memory]; st.global.u32 [%rd2], %r3;";
    assertEquals(Kind.PENDING_COPY, fault(1, 1, copy + read));
    assertEquals(Kind.PENDING_COPY, fault(1, 1, copy + "cp.async.wait_group 1;" + read));
    assertEquals(0, run(1, 1, copy + "cp.async.wait_group 0;" + read)[0]);
  }

  @Test
  void findsLanesThatAreMissing() {
    String half = "setp.lt.s32 %p1, %r1, 16; ";
    assertEquals(Kind.DIVERGENCE, fault(1, 32, half + "@%p1 bar.sync 0;"));
    assertEquals(
        Kind.DIVERGENCE,
        fault(1, 64, "setp.lt.s32 %p1, %r1, 32; @%p1 bra $on; ret; $on: bar.sync 0;"));
    assertEquals(
        Kind.DIVERGENCE, fault(1, 32, half + "@%p1 shfl.sync.bfly.b32 %r3, %r1, 1, 31, -1;"));
    assertEquals(Kind.RUNAWAY, fault(1, 1, "$again: bra $again;"));
    assertEquals(Kind.RUNAWAY, fault(1, 1, "rem.s32 %r3, %r1, 0;"));
  }

  @Test
  void refusesWhatItDoesNotKnow() {
    assertEquals(Kind.SYNTAX, fault(1, 1, "wgmma.fence.sync.aligned;"));
    assertEquals(Kind.SYNTAX, fault(1, 1, "add.s32 %r3, %unknown, 1;"));
    assertEquals(Kind.SYNTAX, fault(1, 1, "bra $nowhere;"));
    assertEquals(Kind.LAUNCH, fault(1, 1025, ""));
  }
}
