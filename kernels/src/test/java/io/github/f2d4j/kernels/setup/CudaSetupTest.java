package io.github.f2d4j.kernels.setup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.engine.backend.BackendProvider.Finding;
import io.github.f2d4j.kernels.library.NativeLibrary;
import io.github.f2d4j.kernels.mock.ChildJvm;
import io.github.f2d4j.kernels.mock.MockLibrary;
import io.github.f2d4j.kernels.mock.Mocks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines of all kinds, made of mocks; those with JCuda run in a JVM of their own. */
class CudaSetupTest {
  @TempDir Path folder;
  private Mocks mocks;

  @BeforeEach
  void mocks() throws IOException {
    mocks = Mocks.in(folder);
  }

  private CudaSetup examine() {
    return CudaSetup.examine(MockLibrary.loader(folder), null);
  }

  private static String text(CudaSetup setup) {
    StringBuilder all = new StringBuilder();
    for (Finding f : setup.findings()) {
      all.append(f.good() ? "+ " : "- ").append(f.subject()).append(": ").append(f.text());
      all.append('\n');
    }
    return all.toString();
  }

  private static void assertCpu(CudaSetup setup, String... parts) {
    assertEquals(CudaMode.CPU, setup.mode(), () -> text(setup));
    assertEquals(null, setup.driver());
    assertEquals(null, setup.libraries());
    String all = text(setup);
    for (String part : parts) {
      assertTrue(all.contains(part), all);
    }
    assertTrue(all.endsWith("- cuda mode: the CPU backend is all that can run here\n"), all);
  }

  @Test
  void withoutADriver() {
    assertCpu(examine(), "libcuda.so.1 is in none of " + folder, "install the NVIDIA driver (525");
  }

  @Test
  void withADriverButNoGpu() {
    mocks.driver();
    MockLibrary.load(folder, NativeLibrary.DRIVER, 1).set("cuInit", 100).set("version", 12040);
    assertCpu(
        examine(),
        "for CUDA up to 12.4",
        "status 100 CUDA_ERROR_NO_DEVICE (no CUDA-capable device is detected)",
        "CUDA_VISIBLE_DEVICES");
  }

  @Test
  void withADriverThatHidesItsGpus() {
    mocks.driver();
    MockLibrary.load(folder, NativeLibrary.DRIVER, 1).set("devices", 0);
    assertCpu(examine(), "the driver finds no GPU");
  }

  @Test
  void withAnOldDriver() {
    mocks.driver();
    MockLibrary.load(folder, NativeLibrary.DRIVER, 1).set("version", 11080);
    assertCpu(examine(), "for CUDA up to 11.8: too old, CUDA 12.0 is needed");
  }

  @Test
  void withAnOldGpu() {
    mocks.driver();
    MockLibrary.load(folder, NativeLibrary.DRIVER, 1).set("major", 6);
    assertCpu(examine(), "cuda gpu 0: Mock GPU 40, sm_60, 132 multiprocessors, 139.0 GiB: too old");
  }

  @Test
  void withADriverThatIsNone() throws IOException {
    Files.writeString(folder.resolve("libcuda.so.1"), "not a library");
    assertCpu(examine(), folder.resolve("libcuda.so.1") + ": ", "[test]");
    assertTrue(text(examine()).matches("(?s).*libcuda.so.1: (file too short|invalid ELF).*"));
  }

  @Test
  void withADriverThatLacksWhatJCudaCalls() {
    mocks.driver("-DWITHOUT_GRAPHS").blasWithLt(12);
    CudaSetup setup = examine();
    assertCpu(setup, "cuGraphInstantiateWithFlags", "cuGraphLaunch");
    assertTrue(text(setup).contains("+ cuda cublaslt"), text(setup));
  }

  @Test
  void everythingOfCuda13WithCudnn9() {
    mocks
        .driver()
        .blasWithLt(13)
        .blasWithLt(12)
        .dnn(90100, 13000)
        .parts("libnvrtc.so.13", "libcudnn_graph.so.9", "libcudnn_ops.so.9", "libcudnn_cnn.so.9");
    String out = ChildJvm.run(SetupReport.class, folder);
    assertMode(
        out, "matrix products by cuBLASLt with bias and activation in them; convolutions by cuDNN");
    assertTrue(out.contains("libcublas.so.13, called by FFM"), out);
    assertTrue(out.contains("not by JCUBLAS: JCublas needs libcublas.so.12"), out);
    assertTrue(out.contains("libcudnn.so.9, version 90100, made for CUDA 13.0"), out);
    assertTrue(out.contains("opened cuBLAS 130000 and cuDNN 90100"), out);
    assertEquals(1, out.lines().filter(l -> l.startsWith("- ")).count(), out);
  }

  @Test
  void cuda12WhereTheDriverKnowsNoNewerWithCudnn8() {
    mocks
        .driver()
        .blasWithLt(13)
        .blasWithLt(12)
        .dnn(8906, 12020)
        .parts("libnvrtc.so.12", "libcudnn_ops_infer.so.8", "libcudnn_cnn_infer.so.8");
    String out = ChildJvm.run(SetupReport.class, folder, "version=12040");
    assertMode(
        out, "matrix products by cuBLASLt with bias and activation in them; convolutions by cuDNN");
    assertTrue(out.contains("libcublas.so.13 is not tried: the driver is for CUDA 12"), out);
    assertTrue(out.contains("libcublas.so.12, called by FFM"), out);
    assertTrue(out.contains("could also be called by JCUBLAS (-Df2d4j.cublas=jcublas)"), out);
    assertTrue(out.contains("version 8906, made for CUDA 12.2"), out);
    assertTrue(out.contains("opened cuBLAS 120000 and cuDNN 8906"), out);
  }

  @Test
  void cuda12ByJcublasAndCudnn8WithoutItsParts() {
    mocks.driver().blasWithLt(12).dnn(8906, 12020);
    String out = ChildJvm.run(SetupReport.class, folder, "provider=jcublas");
    assertMode(
        out,
        "matrix products by cuBLAS, bias and activation in kernels of their own; convolutions by"
            + " im2col and cuBLAS");
    assertTrue(out.contains("called by JCUBLAS"), out);
    assertTrue(out.contains("libcudnn_ops_infer.so.8 is in none of"), out);
    assertTrue(out.contains("cuDNN 8 would end the process"), out);
    assertTrue(out.contains("libnvrtc.so.12 is in none of"), out);
    assertTrue(out.contains("opened cuBLAS 120000 and no cuDNN"), out);
  }

  @Test
  void withoutCudnn() {
    mocks.driver().blasWithLt(13);
    String out = ChildJvm.run(SetupReport.class, folder);
    assertMode(
        out,
        "matrix products by cuBLASLt with bias and activation in them; convolutions by im2col and"
            + " cuBLASLt");
    assertTrue(out.contains("- cuda cudnn: libcudnn.so.9 is in none of"), out);
    assertTrue(out.contains("- cuda cudnn: libcudnn.so.8 is in none of"), out);
    assertTrue(out.contains("- cuda cudnn: cuDNN is missing: install cuDNN 9 or 8"), out);
  }

  /** In a JVM of its own: another cuBLASLt that was loaded before would serve as well. */
  @Test
  void withACublasThatLacksCublasLt() throws IOException {
    mocks.driver().blasWithLt(13);
    Files.delete(folder.resolve("libcublasLt.so.13"));
    String out = ChildJvm.run(SetupReport.class, folder);
    assertTrue(out.contains("libcublasLt.so.13 is in none of"), out);
    assertTrue(
        out.contains(
            "- cuda cublas: "
                + folder.resolve("libcublas.so.13")
                + ": libcublasLt.so.13: cannot open shared object file"),
        out);
    assertTrue(out.contains("cuBLAS is missing: install cuBLAS of CUDA 12 or 13"), out);
    assertTrue(out.contains("- cuda mode: the CPU backend is all that can run here\n"), out);
  }

  @Test
  void cudnnOfAnotherCudaIsNoted() {
    mocks.driver().blasWithLt(13).dnn(90100, 12040);
    CudaSetup setup = examine();
    assertTrue(
        text(setup).contains("made for CUDA 12 and may look for libcublas.so.12"), text(setup));
  }

  private static void assertMode(String out, String mode) {
    assertTrue(out.contains("+ cuda mode: " + mode + "\n"), out);
  }
}
