package io.github.f2d4j.kernels.cuda;

import static io.github.f2d4j.kernels.mock.MockLibrary.expected;
import static io.github.f2d4j.kernels.mock.MockLibrary.p;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.kernels.library.LibraryLoader;
import io.github.f2d4j.kernels.mock.ChildJvm;
import io.github.f2d4j.kernels.mock.Mocks;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.instruction.InvokeInstruction;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JCudaTest {
  @TempDir Path folder;

  @Test
  void everythingThroughJCudaReachesTheDriver() throws IOException {
    Mocks.in(folder).driver();
    Path temporary = Files.createDirectory(folder.resolve("tmp"));
    String out = ChildJvm.run(List.of("-Djava.io.tmpdir=" + temporary), JCudaSession.class, folder);
    assertTrue(out.contains("tail -1\nhead -1\nmiddle " + 0x07070707 + "\n"), out);
    assertTrue(out.contains("refused heap memory must not reach native code"), out);
    assertTrue(out.contains("outside\n"), out);
    assertTrue(out.contains("millis 1.25"), out);
    assertTrue(
        out.contains("CUDA_ERROR_OUT_OF_MEMORY (out of memory: 1125899906842624 bytes)"), out);
    assertFalse(out.contains("LEFT"), out);
    long stream = 0x2000000022L;
    for (String call :
        List.of(
            expected("cuCtxSetCurrent", p(0x1000000011L)),
            expected("cuStreamSynchronize", p(stream)),
            expected("cuEventRecord", p(0x3000000030L), p(stream)),
            expected("cuStreamWaitEvent", p(stream), p(0x3000000032L), 0),
            expected("cuStreamBeginCapture_v2", p(stream), 1),
            expected("cuFuncSetAttribute", p(0x7000000061L), 8, 98304),
            expected("arguments", 1L << 40, 5, 2.5f),
            expected("cuGraphLaunch", p(0x5000000055L), p(stream)),
            expected("cuGraphDestroy", p(0x4000000044L)),
            expected("cuGraphExecDestroy", p(0x5000000055L)),
            expected("cuStreamDestroy_v2", p(stream)),
            expected("cuEventDestroy_v2", p(0x3000000032L)),
            expected("cuDevicePrimaryCtxRelease_v2", 40))) {
      assertTrue(out.contains("CALL " + call + "\n"), () -> call + " is not in\n" + out);
    }
    Set<String> unused = new TreeSet<>(JCudaSymbols.BY_METHOD.values());
    out.lines().filter(l -> l.startsWith("CALL ")).forEach(l -> unused.remove(l.split(" ", -1)[1]));
    assertEquals(Set.of(), unused, "these symbols are never called under this name");
  }

  /** A call that is not in the table would end the JVM where a driver lacks its symbol. */
  @Test
  void everyCallOfJCudaHasItsSymbolInTheTable() throws IOException, URISyntaxException {
    Set<String> called = new TreeSet<>();
    Path classes =
        Path.of(CudaContext.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(f -> f.toString().endsWith(".class")).toList()) {
        collect(ClassFile.of().parse(file), called);
      }
    }
    assertEquals(new TreeSet<>(JCudaSymbols.BY_METHOD.keySet()), called);
  }

  private static void collect(ClassModel type, Set<String> called) {
    type.methods().stream()
        .flatMap(m -> m.code().stream())
        .forEach(
            code ->
                code.forEach(
                    e -> {
                      if (e instanceof InvokeInstruction call
                          && call.owner().asInternalName().equals("jcuda/driver/JCudaDriver")) {
                        called.add(call.name().stringValue());
                      }
                    }));
  }

  @Test
  void withoutADriverTheFirstReasonIsKept() {
    String first = ChildJvm.run(WithoutDriver.class, folder);
    if (first.startsWith("there is a driver")) {
      return; // Nothing to see on such a machine; the mocks show the rest.
    }
    String[] lines = first.split("\n", -1);
    assertTrue(lines[0].contains("libcuda.so.1"), first);
    assertEquals(lines[0], lines[1]);
    assertTrue(lines[0].length() < 1000, "it is JCuda's whole page: " + first);
    assertTrue(LibraryLoader.obstacles().isEmpty());
  }

  /** Asks twice, in a JVM where no driver has been loaded. */
  static final class WithoutDriver {
    public static void main(String[] args) {
      String name = "jcuda.driver.JCudaDriver";
      String reason = JCudaNatives.failure(name, CudaDriver.JCUDA);
      if (reason == null) {
        System.out.println("there is a driver");
      } else {
        System.out.println(reason.replace('\n', ' '));
        System.out.println(JCudaNatives.failure(name, CudaDriver.JCUDA).replace('\n', ' '));
      }
    }
  }
}
