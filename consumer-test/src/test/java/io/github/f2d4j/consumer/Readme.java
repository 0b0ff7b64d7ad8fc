package io.github.f2d4j.consumer;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/**
 * What a reader of the README copies into a project: the blocks behind its marker.
 *
 * @param dependency the {@code <dependency>} element
 * @param program the source of one class
 */
record Readme(String dependency, String program) {
  private static final String MARKER = "<!-- snippet:";
  private static final Pattern VERSION = Pattern.compile("(<version>[^<]+</version>)");
  private static final Pattern PACKAGE = Pattern.compile("^package ([\\w.]+);$", Pattern.MULTILINE);
  private static final Pattern CLASS = Pattern.compile("^public class (\\w+)", Pattern.MULTILINE);

  static Readme read(Path file) throws IOException {
    String text = Files.readString(file);
    int start = text.indexOf(MARKER);
    if (start < 0 || text.indexOf(MARKER, start + 1) >= 0) {
      throw new AssertionError(
          file + " must hold \"" + MARKER + "\" once, before the blocks to run");
    }
    String marked = text.substring(start);
    return new Readme(block(marked, "xml"), block(marked, "java"));
  }

  private static String block(String text, String language) {
    return only(
        Pattern.compile("^```" + language + "\n(.*?)^```$", Pattern.MULTILINE | Pattern.DOTALL),
        text);
  }

  /** The {@code <version>} element of the dependency. */
  String version() {
    return only(VERSION, dependency);
  }

  /** Binary name of the program's class. */
  String mainClass() {
    return only(PACKAGE, program) + "." + only(CLASS, program);
  }

  private static String only(Pattern pattern, String text) {
    List<String> found = pattern.matcher(text).results().map(Readme::firstGroup).toList();
    if (found.size() != 1) {
      throw new AssertionError("expected one match of " + pattern + " but found " + found);
    }
    return found.getFirst();
  }

  private static String firstGroup(MatchResult match) {
    return match.group(1);
  }
}
