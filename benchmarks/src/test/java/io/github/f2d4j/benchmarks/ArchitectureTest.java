package io.github.f2d4j.benchmarks;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/** The layering of all modules. It stands here because only the benchmarks see every module. */
class ArchitectureTest {
  private static final String ROOT = "io.github.f2d4j.";
  private static final String ENGINE = ROOT + "engine";

  /** The word that stands for the engine's root package, where Tensor lives. */
  private static final String TENSOR = "";

  /**
   * What each package of the engine may use beside itself and the JDK. Packages below one of these
   * follow its row, unless they have their own.
   */
  private static final Map<String, Set<String>> ENGINE_LAYERS =
      Map.ofEntries(
          entry("types", Set.of()),
          entry("random", Set.of()),
          entry("op", Set.of("types")),
          entry("backend", Set.of("op", "types")),
          entry("cpu.simd", Set.of()),
          entry("cpu.math", Set.of("cpu.simd")),
          entry("cpu.pool", Set.of()),
          entry("cpu.kernel", Set.of("cpu.pool", "backend", "op", "types")),
          entry("cpu.tile", Set.of("cpu.simd")),
          entry("cpu.amx", Set.of("cpu.math", "cpu.simd", "backend")),
          entry("cpu.multiply", Set.of("cpu.amx", "cpu.tile")),
          entry("cache", Set.of()),
          entry("cpu.tuning", Set.of("cache")),
          entry(
              "cpu.gemm",
              Set.of(
                  "cpu.amx",
                  "cpu.math",
                  "cpu.multiply",
                  "cpu.pool",
                  "cpu.simd",
                  "cpu.tile",
                  "cpu.tuning",
                  "backend",
                  "op",
                  "types")),
          entry("cpu.movement", Set.of("cpu.kernel", "cpu.pool", "backend", "op", "types")),
          entry("cpu.elementwise", family()),
          entry("cpu.attend", family("cpu.amx", "cpu.multiply", "cpu.tile")),
          entry("cpu.normalize", family("cpu.amx", "cpu.elementwise")),
          entry(
              "cpu",
              family(
                  "cpu.amx",
                  "cpu.attend",
                  "cpu.elementwise",
                  "cpu.gemm",
                  "cpu.movement",
                  "cpu.normalize",
                  "cpu.tuning")),
          entry("cost", Set.of("op", "types")),
          entry("profile", Set.of("cost", "op", "types")),
          entry("graph", Set.of("profile", "backend", "cost", "op", "types")),
          entry(TENSOR, Set.of("graph", "backend", "op", "types")),
          entry("nn", Set.of(TENSOR, "graph", "backend", "op", "types")));

  /** What each module may use of the others when it is compiled. */
  private static final Map<String, Set<String>> MODULES =
      Map.of(
          "engine", Set.of(),
          "kernels", Set.of("engine"),
          "weights", Set.of("engine"),
          "model", Set.of("engine", "weights"),
          "benchmarks", Set.of("engine", "kernels", "weights", "model"));

  private static JavaClasses all;

  @BeforeAll
  static void importClasses() {
    all =
        new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar"))
            .importPackages("io.github.f2d4j");
  }

  @Test
  void everyModuleIsSeen() {
    Set<String> seen = new TreeSet<>();
    all.forEach(c -> seen.add(firstName(c.getPackageName(), ROOT)));
    assertEquals(new TreeSet<>(MODULES.keySet()), seen);
  }

  @Test
  void everyPackageOfTheEngineHasItsLayer() {
    Set<String> found = new TreeSet<>();
    all.that(resideInAPackage(ENGINE + "..")).forEach(c -> found.add(layer(c)));
    found.removeAll(ENGINE_LAYERS.keySet());
    assertEquals(Set.of(), found, "give these packages a row in ENGINE_LAYERS");
  }

  @TestFactory
  Stream<DynamicTest> engineLayers() {
    return ENGINE_LAYERS.entrySet().stream()
        .map(
            layer ->
                dynamicTest(
                    layer.getKey().equals(TENSOR) ? "tensor" : layer.getKey(),
                    () ->
                        noClasses()
                            .that(inLayer(layer.getKey()))
                            .should()
                            .dependOnClassesThat(
                                resideInAPackage(ENGINE + "..")
                                    .and(outsideLayers(layer.getKey(), layer.getValue())))
                            .allowEmptyShould(true)
                            .check(all)));
  }

  @Test
  void engineNeedsOnlyTheJdk() {
    classes()
        .that()
        .resideInAPackage(ENGINE + "..")
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage(
                    ENGINE + "..",
                    "java..",
                    "jdk.incubator.vector..",
                    "jdk.jfr..",
                    "org.jspecify..")
                .or(describe("are primitive", c -> c.getBaseComponentType().isPrimitive())))
        .check(all);
  }

  @TestFactory
  Stream<DynamicTest> modules() {
    return MODULES.entrySet().stream()
        .map(
            module ->
                dynamicTest(
                    module.getKey(),
                    () ->
                        noClasses()
                            .that()
                            .resideInAPackage(ROOT + module.getKey() + "..")
                            .should()
                            .dependOnClassesThat()
                            .resideInAnyPackage(modulesBesides(module.getKey(), module.getValue()))
                            .check(all)));
  }

  @Test
  void packagesHaveNoCircles() {
    slices().matching("io.github.f2d4j.(**)").should().beFreeOfCycles().check(all);
  }

  @Test
  void classesAreNamedByWhatTheyDo() {
    noClasses()
        .should()
        .haveNameMatching(".*(Util|Utils|Helper|Helpers|Common|Manager)(\\$.*)?")
        .because("such a name does not say what belongs in the class")
        .check(all);
  }

  @Test
  void aForbiddenDependencyIsNoticed() {
    DescribedPredicate<JavaClass> nn = outsideLayers("cpu", ENGINE_LAYERS.get("cpu"));
    assertTrue(nn.test(all.get(ENGINE + ".nn.Linear")));
    assertTrue(nn.test(all.get(ENGINE + ".Tensor")));
    assertTrue(!nn.test(all.get(ENGINE + ".backend.Backend")));
    DescribedPredicate<JavaClass> cpu = outsideLayers("cpu.gemm", ENGINE_LAYERS.get("cpu.gemm"));
    assertTrue(cpu.test(all.get(ENGINE + ".cpu.CpuBackend")));
    assertTrue(!cpu.test(all.get(ENGINE + ".cpu.pool.WorkPool")));
  }

  /** What the kernels of an operator family may use, and {@code others}. */
  private static Set<String> family(String... others) {
    Set<String> all = new TreeSet<>(List.of(others));
    all.addAll(List.of("cpu.kernel", "cpu.math", "cpu.pool", "cpu.simd", "backend", "op", "types"));
    return all;
  }

  private static DescribedPredicate<JavaClass> inLayer(String layer) {
    return describe(
        "are of the layer " + layer,
        c -> (c.getPackageName() + ".").startsWith(ENGINE + ".") && layer(c).equals(layer));
  }

  private static DescribedPredicate<JavaClass> outsideLayers(String own, Set<String> allowed) {
    return describe(
        "are outside the layers " + allowed,
        c -> {
          String layer = layer(c);
          return !layer.equals(own) && !allowed.contains(layer);
        });
  }

  /** The row of a class of the engine: its package's or that of the nearest package above. */
  private static String layer(JavaClass c) {
    String name = c.getPackageName().substring(ENGINE.length());
    while (!name.isEmpty() && !ENGINE_LAYERS.containsKey(name.substring(1))) {
      int dot = name.lastIndexOf('.');
      if (dot == 0) {
        break;
      }
      name = name.substring(0, dot);
    }
    return name.isEmpty() ? TENSOR : name.substring(1);
  }

  private static String[] modulesBesides(String own, Set<String> allowed) {
    List<String> others =
        MODULES.keySet().stream().filter(m -> !m.equals(own) && !allowed.contains(m)).toList();
    return others.stream().map(m -> ROOT + m + "..").toArray(String[]::new);
  }

  /** The first name after {@code prefix}, or nothing where the package is the prefix itself. */
  private static String firstName(String packageName, String prefix) {
    if (!packageName.startsWith(prefix)) {
      return "";
    }
    String rest = packageName.substring(prefix.length());
    int dot = rest.indexOf('.');
    return dot < 0 ? rest : rest.substring(0, dot);
  }
}
