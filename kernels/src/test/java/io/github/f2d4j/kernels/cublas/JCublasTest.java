package io.github.f2d4j.kernels.cublas;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.f2d4j.kernels.mock.ChildJvm;
import io.github.f2d4j.kernels.mock.Mocks;
import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.instruction.InvokeInstruction;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JCublasTest {
  @TempDir Path folder;

  /** The library must see no difference between the providers but where α and β lie. */
  @Test
  void bothProvidersMakeTheSameCalls() throws IOException {
    Mocks.in(folder).driver().blasWithLt(12);
    String ffm = ChildJvm.run(JCublasSession.class, folder, "ffm");
    String jcublas = ChildJvm.run(JCublasSession.class, folder, "jcublas");
    assertTrue(
        jcublas.contains("CALL cublasGemmStridedBatchedEx PIIIIIPPIIJPIIJPPIIJIII"), jcublas);
    assertTrue(jcublas.contains("version 120000 fused false"), jcublas);
    assertTrue(jcublas.contains("error 15 CUBLAS_STATUS_NOT_SUPPORTED"), jcublas);
    assertTrue(jcublas.contains("CALL factors II 3fc00000 be800000"), jcublas);
    assertEquals(withoutHostAddresses(ffm), withoutHostAddresses(jcublas));
  }

  private static List<String> withoutHostAddresses(String out) {
    return out.lines()
        .map(
            line -> {
              String[] words = line.split(" ", -1);
              if (line.startsWith("CALL cublasGemm")) {
                words[3 + 6] = "alpha";
                words[3 + (line.contains("Strided") ? 15 : 13)] = "beta";
              } else if (line.startsWith("CALL cublasCreate")) {
                words[3] = "handle";
              } else if (line.startsWith("CALL cublasGetVersion")) {
                words[4] = "version";
              }
              return String.join(" ", words);
            })
        .toList();
  }

  @Test
  void everyCallOfJCublasHasItsSymbolInTheTable() throws IOException {
    Set<String> called = new TreeSet<>();
    byte[] bytes;
    try (var in = JCublas.class.getResourceAsStream("JCublas.class")) {
      bytes = in.readAllBytes();
    }
    ClassFile.of()
        .parse(bytes)
        .methods()
        .forEach(
            m ->
                m.code()
                    .ifPresent(
                        code ->
                            code.forEach(
                                e -> {
                                  if (e instanceof InvokeInstruction call
                                      && call.owner()
                                          .asInternalName()
                                          .equals("jcuda/jcublas/JCublas2")) {
                                    called.add(call.name().stringValue());
                                  }
                                })));
    assertEquals(new TreeSet<>(JCublas.SYMBOL_BY_METHOD.keySet()), called);
  }
}
