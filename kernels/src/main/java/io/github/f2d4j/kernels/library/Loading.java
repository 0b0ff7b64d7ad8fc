package io.github.f2d4j.kernels.library;

import java.util.List;

/** What became of the attempt to load one library. */
public sealed interface Loading {
  /** The library that was wanted. */
  NativeLibrary kind();

  /** Everything that was tried without success, in order. */
  List<String> failures();

  /** It is loaded. */
  record Loaded(LoadedLibrary library, List<String> failures) implements Loading {
    public Loaded {
      failures = List.copyOf(failures);
    }

    @Override
    public NativeLibrary kind() {
      return library.kind();
    }
  }

  /** It is not, and this is why. */
  record Missing(NativeLibrary kind, List<String> failures) implements Loading {
    public Missing {
      failures = List.copyOf(failures);
    }
  }
}
