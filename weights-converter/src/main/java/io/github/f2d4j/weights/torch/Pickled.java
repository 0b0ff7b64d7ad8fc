package io.github.f2d4j.weights.torch;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a pickle can hold here, besides the JDK's Boolean, Long, BigInteger, Double and String.
 * Plain data without behaviour: equality is identity, printing shows the kind only, so that objects
 * that refer to each other cost nothing.
 */
final class Pickled {
  private Pickled() {}

  /** Python's {@code None}. */
  enum None {
    NONE
  }

  /** {@code bytes} or {@code bytearray}. */
  static final class Bytes {
    final byte[] content;

    Bytes(byte[] content) {
      this.content = content;
    }
  }

  /** A {@code tuple}; it never changes. */
  static final class Tuple {
    final List<Object> items;

    Tuple(List<Object> items) {
      this.items = items;
    }
  }

  /** A {@code list} or {@code set}. */
  static final class Sequence {
    final List<Object> items = new ArrayList<>();
  }

  /** A {@code dict}, an {@code OrderedDict}, or the attributes of a plain object. */
  static final class Dict {
    final Map<Object, Object> items = new LinkedHashMap<>();

    /** Whether a state (opcode BUILD) is this object's content, not an ornament of it. */
    final boolean isAttributes;

    Dict(boolean isAttributes) {
      this.isAttributes = isAttributes;
    }
  }

  /** The name of an object or its kind, for messages. */
  static String kind(Object value) {
    return switch (value) {
      case None n -> "None";
      case Boolean b -> "a bool";
      case Long l -> "an int";
      case BigInteger b -> "an int";
      case Double d -> "a float";
      case String s -> "a str";
      case Bytes b -> "bytes";
      case Tuple t -> "a tuple of " + t.items.size();
      case Sequence s -> "a list";
      case Dict d -> "a dict";
      case Global g -> g.toString();
      case StorageRef s -> "a storage";
      case TensorView t -> "a tensor";
      case NumpyType t -> "a numpy dtype";
      default -> value.getClass().getSimpleName();
    };
  }
}
