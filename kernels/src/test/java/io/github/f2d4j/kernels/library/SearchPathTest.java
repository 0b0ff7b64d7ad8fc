package io.github.f2d4j.kernels.library;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.f2d4j.kernels.library.SearchPath.Place;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SearchPathTest {
  @TempDir Path root;
  private final Map<String, String> properties = new HashMap<>();
  private final Map<String, String> environment = new HashMap<>();

  private List<String> folders() {
    return SearchPath.of(properties::get, environment::get, root).places().stream()
        .map(p -> root.relativize(p.folder()).toString())
        .toList();
  }

  private Path make(String folder) throws IOException {
    return Files.createDirectories(root.resolve(folder));
  }

  @Test
  void isEmptyWhereNothingIs() {
    assertEquals(List.of(), folders());
  }

  @Test
  void ordersPropertyEnvironmentToolkitsSystemAndPackages() throws IOException {
    make("usr/lib/x86_64-linux-gnu");
    make("usr/local/cuda-12.4/lib64");
    make("usr/local/cuda-13.0/lib64");
    make("usr/local/cuda-9.2/lib64");
    make("home/.local/lib/python3.9/site-packages/nvidia/cublas/lib");
    make("home/.local/lib/python3.12/site-packages/nvidia/cudnn/lib");
    make("usr/local/lib/python3.11/dist-packages/nvidia/cu13/lib");
    make("venv/lib/python3.12/site-packages/nvidia/cublas/lib");
    properties.put(SearchPath.PROPERTY, make("a") + ":" + root.resolve("none"));
    properties.put("user.home", root.resolve("home").toString());
    environment.put("LD_LIBRARY_PATH", ":" + make("b") + "::" + make("c"));
    environment.put("CUDA_HOME", make("d/lib64").getParent().toString());
    environment.put("VIRTUAL_ENV", root.resolve("venv").toString());
    assertEquals(
        List.of(
            "a",
            "b",
            "c",
            "d/lib64",
            "usr/local/cuda-13.0/lib64",
            "usr/local/cuda-12.4/lib64",
            "usr/local/cuda-9.2/lib64",
            "usr/lib/x86_64-linux-gnu",
            "usr/lib",
            "usr/local/lib",
            "venv/lib",
            "venv/lib/python3.12/site-packages/nvidia/cublas/lib",
            "home/.local/lib/python3.12/site-packages/nvidia/cudnn/lib",
            "home/.local/lib/python3.9/site-packages/nvidia/cublas/lib",
            "usr/local/lib/python3.11/dist-packages/nvidia/cu13/lib"),
        folders());
  }

  @Test
  void aFolderIsListedOnceUnderItsFirstName() throws IOException {
    make("usr/local/cuda-13.0/lib64");
    Files.createSymbolicLink(root.resolve("usr/local/cuda"), root.resolve("usr/local/cuda-13.0"));
    environment.put("LD_LIBRARY_PATH", root.resolve("usr/local/cuda/lib64").toString());
    List<Place> places = SearchPath.of(properties::get, environment::get, root).places();
    assertEquals("LD_LIBRARY_PATH", places.getFirst().origin());
    assertEquals(List.of("usr/local/cuda/lib64"), folders());
  }
}
