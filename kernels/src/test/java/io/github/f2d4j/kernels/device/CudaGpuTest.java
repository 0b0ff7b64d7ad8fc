package io.github.f2d4j.kernels.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.kernels.mock.ChildJvm;
import io.github.f2d4j.kernels.mock.Mocks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CudaGpuTest {
  @TempDir Path folder;

  @Test
  void everythingReachesTheLibraries() throws IOException {
    Mocks.in(folder)
        .driver()
        .blasWithLt(13)
        .dnn(90100, 13000)
        .parts("libnvrtc.so.13", "libcudnn_graph.so.9", "libcudnn_ops.so.9", "libcudnn_cnn.so.9");
    String out =
        ChildJvm.run(
            List.of("-Df2d4j.cache=" + folder.resolve("cache")), CudaGpuSession.class, folder);
    for (String line :
        new String[] {
          "set SM80",
          "copied -1",
          "fused true",
          "fused false",
          "again true",
          "workspace 195 bias false",
          "reused true",
          "gone true",
          "still true",
          "much copied -1",
          "next workspace 64 trials 0",
          // Mocks compute nothing.
          "check 7"
        }) {
      assertTrue(out.lines().anyMatch(line::equals), line + " in\n" + out);
    }
    assertTrue(out.contains("gpu Mock GPU 40, sm_90, cuBLAS"), out);
    assertTrue(out.contains("full cuMemAlloc_v2 of CUDA driver"), out);
    assertTrue(out.contains("use a smaller batch or image"), out);
    assertEquals(
        List.of(
            "cuStreamBeginCapture_v2",
            "cuLaunchKernel",
            "cuStreamEndCapture",
            "cuGraphInstantiateWithFlags",
            "cuGraphDestroy",
            "cuMemcpyDtoDAsync_v2",
            "cuGraphLaunch",
            "cuGraphLaunch",
            "cuMemcpyDtoDAsync_v2",
            "cuGraphExecDestroy"),
        after(out, "RECORDED "));
    String wait = "cuEventSynchronize";
    String mark = "cuEventRecord";
    String up = "cuMemcpyHtoDAsync_v2";
    assertEquals(
        List.of(
            "cuMemHostAlloc",
            "cuEventCreate",
            "cuMemHostAlloc",
            "cuEventCreate",
            wait,
            up,
            mark,
            wait,
            up,
            mark,
            wait,
            up,
            mark),
        after(out, "UP "),
        "a piece is filled again once its copy is done, and nobody waits for the last");
    String down = "cuMemcpyDtoHAsync_v2";
    assertEquals(
        List.of(wait, down, mark, wait, down, mark, wait, wait, down, mark, wait, wait),
        after(out, "DOWN "),
        "the next copy is queued before the host takes what the last one brought");
    assertEquals(2, count(out, "cuMemFreeHost"));
    // A capture that fails is ended, or nothing could be queued any more.
    assertEquals(
        List.of(
            "cuStreamBeginCapture_v2",
            "cuStreamEndCapture",
            "cuGraphInstantiateWithFlags",
            "cuGraphDestroy",
            "cuGraphExecDestroy"),
        after(out, "ABANDONED "));
    assertTrue(out.contains("refused an allocation of the CUDA driver failed"), out);
    assertTrue(out.contains("refused cuStreamEndCapture of CUDA driver"), out);
    // The context is made current once for each of two threads.
    assertEquals(2, count(out, "cuCtxSetCurrent"), out);
    assertEquals(
        count(out, "cuMemAlloc_v2") - 2,
        count(out, "cuMemFree_v2"),
        "all but the two refused are freed");
  }

  /** The context that is current belongs to the thread, not to the GPU. */
  @Test
  void oneThreadUsesTwoGpusInTurn() throws IOException {
    Mocks.in(folder)
        .driver()
        .blasWithLt(13)
        .dnn(90100, 13000)
        .parts("libnvrtc.so.13", "libcudnn_graph.so.9", "libcudnn_ops.so.9", "libcudnn_cnn.so.9");
    String out = ChildJvm.run(List.of("-Df2d4j.cache=" + folder), TwoGpusSession.class, folder);
    assertTrue(out.contains("gpu Mock GPU 40"), out);
    assertTrue(out.contains("gpu Mock GPU 41"), out);
    assertEquals(
        List.of("P 1000000111", "J", "P 1000000011", "J", "J", "P 1000000111", "J"),
        after(out, "TURN "));
  }

  private static List<String> after(String out, String prefix) {
    return out.lines()
        .filter(l -> l.startsWith(prefix))
        .map(l -> l.substring(prefix.length()))
        .toList();
  }

  private static long count(String out, String call) {
    return out.lines().filter(l -> l.startsWith("DRIVER " + call + " ")).count();
  }

  @ParameterizedTest
  @CsvSource({"0,256", "1,256", "256,256", "257,512", "1048577,2097152", "2097153,4194304"})
  void piecesAreRoundedUp(long bytes, long size) {
    assertEquals(size, MemoryPool.size(bytes));
  }
}
