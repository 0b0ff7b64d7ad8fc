package io.github.f2d4j.kernels.catalog;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import jcuda.nvptxcompiler.JNvPTXCompiler;
import jcuda.nvptxcompiler.nvPTXCompilerHandle;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/**
 * NVIDIA's own assemblers accept every PTX file for every GPU it is meant for: the one inside CUDA
 * 12 (drivers from 525 on have it, and JCuda brings it along; no GPU is needed), and ptxas where
 * the toolkit is installed. They compile without optimising: whether the text is accepted does not
 * depend on that, and it takes a tenth of the time.
 */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
class AssembledPtxTest {
  private static final List<Integer> DRIVER_525 = List.of(70, 75, 80, 86, 89, 90);

  /** What the other compiler does not know yet. */
  private static final List<Integer> TOOLKIT = List.of(100, 120);

  @TempDir static Path natives;

  /**
   * JCuda unpacks its library into the temporary folder under a fixed name and trusts what it finds
   * there: the folder must be our own while it does.
   */
  @BeforeAll
  static void loadCompiler() {
    String before = System.getProperty("java.io.tmpdir");
    System.setProperty("java.io.tmpdir", natives.toString());
    try {
      int[] major = {0};
      int[] minor = {0};
      assertEquals(0, JNvPTXCompiler.nvPTXCompilerGetVersion(major, minor));
      assertEquals(12, major[0], "the compiler's CUDA version");
    } finally {
      System.setProperty("java.io.tmpdir", before);
    }
  }

  @TestFactory
  Stream<DynamicTest> withTheCompilerOfCuda12() {
    List<DynamicTest> tests = new ArrayList<>();
    for (PtxSet set : PtxSet.values()) {
      for (String module : set.modules()) {
        for (int sm : DRIVER_525) {
          if (PtxSet.forCapability(sm / 10).orElseThrow() == set) {
            tests.add(
                dynamicTest(
                    set + " " + module + " for sm_" + sm,
                    () -> assertEquals("", assemble(set.text(module), sm))));
          }
        }
      }
    }
    return tests.stream();
  }

  /** The same text for a GPU without its instructions: the assembler does look. */
  @Test
  void refusesWhatAGpuCannotDo() {
    String text = PtxText.of(PtxSet.SM80, "attend", "attend40_f16");
    String older = text.replace(".target sm_80", ".target sm_75");
    assertTrue(assemble(older, 75).toLowerCase(Locale.ROOT).contains("sm_80"), "cp.async");
  }

  /** The compiler's complaint, or nothing. */
  private static String assemble(String text, int sm) {
    byte[] source = (text + "\0").getBytes(StandardCharsets.UTF_8);
    nvPTXCompilerHandle handle = new nvPTXCompilerHandle();
    assertEquals(0, JNvPTXCompiler.nvPTXCompilerCreate(handle, source.length, source));
    try {
      String[] options = {"--gpu-name=sm_" + sm, "--opt-level=0"};
      int status = JNvPTXCompiler.nvPTXCompilerCompile(handle, options.length, options);
      if (status == 0) {
        return "";
      }
      long[] size = {0};
      JNvPTXCompiler.nvPTXCompilerGetErrorLogSize(handle, size);
      byte[] log = new byte[Math.toIntExact(size[0]) + 1];
      JNvPTXCompiler.nvPTXCompilerGetErrorLog(handle, log);
      return "status " + status + ": " + new String(log, StandardCharsets.UTF_8).trim();
    } finally {
      JNvPTXCompiler.nvPTXCompilerDestroy(handle);
    }
  }

  @TestFactory
  Stream<DynamicTest> withTheToolkit(@TempDir Path folder) throws IOException {
    if (!Tools.present("ptxas")) {
      return Stream.of(
          dynamicTest(
              "there is none here",
              () -> assertThrows(IOException.class, () -> Tools.run("ptxas", "--version"))));
    }
    List<DynamicTest> tests = new ArrayList<>();
    for (PtxSet set : PtxSet.values()) {
      for (String module : set.modules()) {
        Path file = Files.writeString(folder.resolve(set + "." + module), set.text(module));
        for (int sm : TOOLKIT) {
          if (PtxSet.forCapability(sm / 10).orElseThrow() == set) {
            String name = set + " " + module + " for sm_" + sm;
            tests.add(dynamicTest(name, () -> ptxas(file, sm)));
          }
        }
      }
    }
    return tests.stream();
  }

  private static void ptxas(Path file, int sm) throws IOException, InterruptedException {
    Tools.run(
        "ptxas",
        "-O0",
        "-arch=sm_" + sm,
        file.toString(),
        "-o",
        file.resolveSibling("out").toString());
  }
}
