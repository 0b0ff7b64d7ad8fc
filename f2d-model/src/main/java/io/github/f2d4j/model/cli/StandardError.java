package io.github.f2d4j.model.cli;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.lang.reflect.Constructor;
import java.lang.reflect.InaccessibleObjectException;

/**
 * Standard error as the launcher script leaves it. The JVM announces its incubator modules there
 * before any program runs; the script filters that line, and for the time after it keeps the true
 * standard error as another descriptor. Writing to it directly keeps messages in order and complete
 * when the program ends, which a filter in between could not promise.
 *
 * <p>The descriptor is taken as it is, not opened again by a name such as {@code /dev/fd/3}: a file
 * that standard output shares would then be written at two places. Nor is it moved by a native call
 * from Java: the segments of Java heap that such calls load would slow every loop over segments of
 * other memory, the engine's too, by half.
 */
final class StandardError {
  /** The system property with which the script names the descriptor of the true standard error. */
  static final String PROPERTY = "f2d.stderr";

  private StandardError() {}

  /**
   * Lets {@link System#err} write to the true standard error, if the launcher script has moved it.
   * Where the JVM does not allow that, messages go on through the script's filter.
   */
  static void restore() {
    Integer kept = Integer.getInteger(PROPERTY);
    if (kept == null) {
      return;
    }
    FileDescriptor descriptor;
    try {
      Constructor<FileDescriptor> ofNumber = FileDescriptor.class.getDeclaredConstructor(int.class);
      ofNumber.setAccessible(true); // the script opens java.io
      descriptor = ofNumber.newInstance(kept);
    } catch (ReflectiveOperationException | InaccessibleObjectException e) {
      return;
    }
    System.err.flush();
    System.setErr(new PrintStream(new FileOutputStream(descriptor), true, System.err.charset()));
  }
}
