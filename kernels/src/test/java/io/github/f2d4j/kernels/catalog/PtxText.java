package io.github.f2d4j.kernels.catalog;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Cuts one kernel out of a module's text, and plants faults in it. */
final class PtxText {
  private PtxText() {}

  /** The module's head and one kernel: parsed much faster than the whole. */
  static String of(PtxSet set, String module, String entry) {
    String text = set.text(module);
    String head = text.substring(0, text.indexOf(".visible .entry"));
    int start = text.indexOf(".visible .entry " + entry + "(");
    if (start < 0) {
      throw new IllegalArgumentException(module + " has no kernel " + entry);
    }
    int end = text.indexOf(".visible .entry", start + 1);
    return head + text.substring(start, end < 0 ? text.length() : end);
  }

  /**
   * The text with one match of a pattern replaced: one text for each match whose replacement
   * differs.
   *
   * @param replacement with references to groups, as {@link Matcher#replaceAll(String)} has them
   */
  static List<String> mutants(String text, String pattern, String replacement) {
    List<String> mutants = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(text);
    int from = 0;
    while (matcher.find(from)) {
      from = matcher.end();
      StringBuilder mutant = new StringBuilder();
      matcher.appendReplacement(mutant, replacement).appendTail(mutant);
      if (!text.contentEquals(mutant)) {
        mutants.add(mutant.toString());
      }
    }
    return mutants;
  }
}
