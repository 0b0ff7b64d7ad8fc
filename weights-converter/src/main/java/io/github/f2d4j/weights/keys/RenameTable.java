package io.github.f2d4j.weights.keys;

import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.weights.keys.Rename.Form;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The names of one family of checkpoints, read in both directions.
 *
 * <p>A row applies to a key that is its path or lies below it; the rest of the key is kept. Of
 * several rows the one with the longest path applies, of rows with the same path the first. So a
 * published file may use any of several spellings of a module, and what is written back has the
 * spelling that stands first.
 */
public final class RenameTable {
  private final List<Rename> rows;
  private final Map<String, Rename> byPublished = new HashMap<>();
  private final Map<String, Rename> byFolder = new HashMap<>();

  /** A table of rows in order of preference. */
  public RenameTable(List<Rename> rows) {
    this.rows = List.copyOf(rows);
    for (Rename row : this.rows) {
      byPublished.putIfAbsent(row.published(), row);
      byFolder.putIfAbsent(row.folder(), row);
    }
  }

  /** All rows, in order. */
  public List<Rename> rows() {
    return rows;
  }

  /** The key and shape in a model folder; empty if the family does not know the key. */
  public Optional<NamedShape> toFolder(String key, Shape shape) {
    Rename row = longest(byPublished, key);
    if (row == null) {
      return Optional.empty();
    }
    Shape form = row.form() == Form.SAME ? shape : asLinear(shape);
    return Optional.of(new NamedShape(moved(key, row.published(), row.folder()), form));
  }

  /** The key and shape in a published checkpoint; empty if the family has no such key. */
  public Optional<NamedShape> toPublished(String key, Shape shape) {
    Rename row = longest(byFolder, key);
    if (row == null) {
      return Optional.empty();
    }
    Shape form =
        switch (row.form()) {
          case SAME -> shape;
          case CONVOLUTION_TO_LINEAR -> asConvolution(shape);
          case LINEAR -> asLinear(shape);
        };
    return Optional.of(new NamedShape(moved(key, row.folder(), row.published()), form));
  }

  /** The row of the longest path at or above {@code key}, then that of the empty path. */
  private static @Nullable Rename longest(Map<String, Rename> rows, String key) {
    String path = key;
    while (true) {
      Rename row = rows.get(path);
      if (row != null || path.isEmpty()) {
        return row;
      }
      path = path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }
  }

  private static String moved(String key, String from, String to) {
    if (key.length() == from.length()) {
      return to;
    }
    String rest = from.isEmpty() ? key : key.substring(from.length() + 1);
    return to.isEmpty() ? rest : to + "." + rest;
  }

  /** [O,I,1,1] → [O,I]; any other shape is kept. */
  private static Shape asLinear(Shape shape) {
    return shape.rank() == 4 && shape.dim(2) == 1 && shape.dim(3) == 1
        ? Shape.of(shape.dim(0), shape.dim(1))
        : shape;
  }

  /** [O,I] → [O,I,1,1]; any other shape, such as a bias [O], is kept. */
  private static Shape asConvolution(Shape shape) {
    return shape.rank() == 2 ? Shape.of(shape.dim(0), shape.dim(1), 1, 1) : shape;
  }
}
