import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListSet;

/**
 * Checks or applies the one format of this repository; the Maven build runs it with
 * google-java-format on the class path.
 *
 * <p>Java follows google-java-format. Other text has no trailing blanks and ends with one line
 * feed. There are no exceptions for parts of files.
 */
final class Format {
  private static final Set<String> TEXT =
      Set.of("cu", "cuh", "gitignore", "md", "properties", "sh", "xml", "yaml", "yml");
  private static final Set<String> SCRIPTS = Set.of("f2d", "run", "build-ptx", "LICENSE", "NOTICE");
  private static final Set<String> SKIPPED_FOLDERS = Set.of(".git", "target", "resources", "out");

  private Format() {}

  public static void main(String[] args) throws IOException {
    if (args.length != 2 || !Set.of("check", "apply").contains(args[0])) {
      System.err.println("usage: Format check|apply ROOT, but got " + List.of(args));
      System.exit(2);
    }
    Path root = Path.of(args[1]);
    Set<String> different = new ConcurrentSkipListSet<>();
    files(root).parallelStream()
        .forEach(
            file -> {
              try {
                String found = Files.readString(file);
                String wanted = isJava(file) ? java(file, found) : text(found);
                if (!found.equals(wanted)) {
                  different.add(root.relativize(file).toString());
                  if (args[0].equals("apply")) {
                    Files.writeString(file, wanted);
                  }
                }
              } catch (IOException e) {
                throw new UncheckedIOException(file.toString(), e);
              }
            });
    if (args[0].equals("apply")) {
      different.forEach(file -> System.out.println("formatted " + file));
    } else if (!different.isEmpty()) {
      System.err.println("These files are not formatted; ./mvnw -N verify -Dformat=apply does it:");
      different.forEach(file -> System.err.println("  " + file));
      System.exit(1);
    }
  }

  private static List<Path> files(Path root) throws IOException {
    List<Path> files = new ArrayList<>();
    Files.walkFileTree(
        root,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
            return SKIPPED_FOLDERS.contains(folder.getFileName().toString())
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            String name = file.getFileName().toString();
            String extension = name.substring(name.lastIndexOf('.') + 1);
            if (attributes.isRegularFile()
                && (isJava(file) || TEXT.contains(extension) || SCRIPTS.contains(name))) {
              files.add(file);
            }
            return FileVisitResult.CONTINUE;
          }
        });
    return files;
  }

  private static boolean isJava(Path file) {
    return file.toString().endsWith(".java");
  }

  private static String java(Path file, String source) throws IOException {
    try {
      return new Formatter().formatSourceAndFixImports(source);
    } catch (FormatterException e) {
      throw new IOException(file + " is not valid Java: " + e.getMessage(), e);
    }
  }

  private static String text(String found) {
    StringBuilder wanted = new StringBuilder();
    found.lines().forEach(line -> wanted.append(line.stripTrailing()).append('\n'));
    return wanted.toString().stripTrailing() + "\n";
  }
}
