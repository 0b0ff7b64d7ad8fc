package io.github.f2d4j.weights.safetensors;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import io.github.f2d4j.weights.io.QuotedText;
import java.util.Comparator;
import java.util.List;
import java.util.NoSuchElementException;

/** The answer to a name that does not exist: names that share most with it. */
public final class SimilarNames {
  private static final int SHOWN = 3;

  private SimilarNames() {}

  /** The exception to throw when {@code source} has no tensor {@code name}. */
  public static NoSuchElementException notFound(String name, TensorSource source) {
    List<String> similar =
        source.names().stream()
            .sorted(Comparator.comparingInt((String s) -> -shared(s, name)))
            .limit(SHOWN)
            .map(QuotedText::quote)
            .toList();
    return new NoSuchElementException(
        "no tensor "
            + quote(name)
            + " in "
            + source.describe()
            + "; the nearest names are "
            + similar
            + ". Check that the file belongs to this kind of model");
  }

  /** Length of the common prefix plus that of the common suffix. */
  private static int shared(String a, String b) {
    int most = Math.min(a.length(), b.length());
    int prefix = 0;
    while (prefix < most && a.charAt(prefix) == b.charAt(prefix)) {
      prefix++;
    }
    int suffix = 0;
    while (suffix < most - prefix
        && a.charAt(a.length() - 1 - suffix) == b.charAt(b.length() - 1 - suffix)) {
      suffix++;
    }
    return prefix + suffix;
  }
}
