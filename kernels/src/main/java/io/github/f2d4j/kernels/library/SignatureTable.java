package io.github.f2d4j.kernels.library;

import java.lang.foreign.Linker;
import java.lang.invoke.MethodHandle;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/** The signatures of a library's functions, written as one readable table. */
public final class SignatureTable {
  private final String title;
  private final Map<String, Signature> signatures = new LinkedHashMap<>();

  /**
   * Reads a table of one function per line, as in C but with the letters of {@link Signature.Type};
   * a line that is indented goes on with the one before.
   *
   * @param title the library
   */
  public SignatureTable(String title, String text) {
    this.title = title;
    for (String line : text.replaceAll("\\R[ \\t]+", " ").lines().toList()) {
      if (!line.isBlank()) {
        Signature signature = Signature.parse(line.strip());
        if (signatures.put(signature.name(), signature) != null) {
          throw new IllegalArgumentException(title + ": two lines for " + signature.name());
        }
      }
    }
  }

  /** The library that has these functions. */
  public String title() {
    return title;
  }

  /** All functions in the order of the table. */
  public Collection<Signature> signatures() {
    return signatures.values();
  }

  /**
   * How to call the function {@code name}. The first argument is its address, so that one constant
   * handle serves every version of the library.
   */
  @SuppressWarnings("restricted") // what this package is for
  public MethodHandle handle(String name) {
    Signature signature = signatures.get(name);
    if (signature == null) {
      throw new IllegalArgumentException(title + ": no line for " + name);
    }
    return Linker.nativeLinker().downcallHandle(signature.descriptor());
  }
}
