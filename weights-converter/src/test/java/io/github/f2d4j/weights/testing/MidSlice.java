package io.github.f2d4j.weights.testing;

import io.github.f2d4j.engine.types.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The name of an intermediate: a module path, and which slice of the module's output was kept, as
 * in {@code mid.layer1[0]}, {@code mid.maxpool[0,0:4]}, {@code mid.layer2[0:1,0:8]}. An index
 * selects one entry and drops the axis, a range keeps it, axes not named are kept whole.
 */
public final class MidSlice {
  private static final Pattern NAME =
      Pattern.compile("(?:mid\\.)?([^\\[\\]]+)(?:\\[([-0-9:, ]*)])?");

  private record Part(int from, int to, boolean keepsAxis) {}

  private final String module;
  private final List<Part> parts;

  private MidSlice(String module, List<Part> parts) {
    this.module = module;
    this.parts = parts;
  }

  /** Parses a name, with or without the leading {@code mid.}. */
  public static MidSlice parse(String name) {
    Matcher m = NAME.matcher(name);
    if (!m.matches()) {
      throw new AssertionError("'" + name + "' is not a module path with an optional [slice]");
    }
    List<Part> parts = new ArrayList<>();
    if (m.group(2) != null) {
      for (String part : m.group(2).split(",", -1)) {
        parts.add(part(name, part.strip()));
      }
    }
    return new MidSlice(m.group(1), parts);
  }

  private static Part part(String name, String text) {
    try {
      int colon = text.indexOf(':');
      if (colon < 0) {
        int index = Integer.parseInt(text);
        return new Part(index, index, false);
      }
      String from = text.substring(0, colon);
      String to = text.substring(colon + 1);
      return new Part(
          from.isEmpty() ? 0 : Integer.parseInt(from),
          to.isEmpty() ? Integer.MAX_VALUE : Integer.parseInt(to),
          true);
    } catch (NumberFormatException e) {
      throw new AssertionError("'" + name + "' has the malformed slice '" + text + "'", e);
    }
  }

  /** The module path, without {@code mid.} and without the slice. */
  public String module() {
    return module;
  }

  /** Whether the name asks for less than the whole output. */
  public boolean isSliced() {
    return !parts.isEmpty();
  }

  /** The shape of the slice of a tensor of shape {@code full}. */
  public Shape shape(Shape full) {
    int[] from = new int[full.rank()];
    int[] to = new int[full.rank()];
    bounds(full, from, to);
    int[] dims = new int[full.rank()];
    int rank = 0;
    for (int axis = 0; axis < full.rank(); axis++) {
      if (axis >= parts.size() || parts.get(axis).keepsAxis()) {
        dims[rank++] = to[axis] - from[axis];
      }
    }
    return Shape.of(java.util.Arrays.copyOf(dims, rank));
  }

  /** Cuts the slice out of a row-major tensor of shape {@code full}. */
  public float[] cut(float[] values, Shape full) {
    if (values.length != full.elements()) {
      throw new AssertionError(values.length + " values do not fill shape " + full);
    }
    int[] from = new int[full.rank()];
    int[] to = new int[full.rank()];
    bounds(full, from, to);
    float[] out = new float[Math.toIntExact(shape(full).elements())];
    int[] at = from.clone();
    long[] strides = full.strides();
    for (int i = 0; i < out.length; i++) {
      long offset = 0;
      for (int axis = 0; axis < at.length; axis++) {
        offset += at[axis] * strides[axis];
      }
      out[i] = values[(int) offset];
      for (int axis = at.length - 1; axis >= 0 && ++at[axis] == to[axis]; axis--) {
        at[axis] = from[axis];
      }
    }
    return out;
  }

  private void bounds(Shape full, int[] from, int[] to) {
    if (parts.size() > full.rank()) {
      throw new AssertionError("slice " + parts + " has more axes than shape " + full);
    }
    for (int axis = 0; axis < full.rank(); axis++) {
      int extent = full.dim(axis);
      Part part = axis < parts.size() ? parts.get(axis) : new Part(0, extent, true);
      from[axis] = part.from() < 0 ? part.from() + extent : part.from();
      int end = part.to() < 0 ? part.to() + extent : part.to();
      to[axis] = part.keepsAxis() ? Math.min(end, extent) : from[axis] + 1;
      if (from[axis] < 0 || to[axis] < from[axis] || to[axis] > extent) {
        throw new AssertionError("slice " + parts + " does not fit shape " + full);
      }
    }
  }

  @Override
  public String toString() {
    return module + (parts.isEmpty() ? "" : parts);
  }
}
