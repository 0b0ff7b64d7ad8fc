package io.github.f2d4j.weights.convert;

import io.github.f2d4j.engine.types.Shape;
import java.util.Map;
import java.util.Optional;

/** What a checkpoint holds, told by its keys and shapes alone. */
public sealed interface Recognition {

  /**
   * A family that a model folder is made of.
   *
   * @param family which one
   * @param wrapper what stands before all its keys, such as {@code state_dict.}; mostly empty
   */
  record Supported(Family family, String wrapper) implements Recognition {
    @Override
    public String title() {
      return family.title();
    }
  }

  /**
   * A family that is known and cannot be used.
   *
   * @param title its name
   * @param remedy what to do instead
   */
  record Refused(String title, String remedy) implements Recognition {}

  /** No family that is known. */
  record Unknown() implements Recognition {
    @Override
    public String title() {
      return "not recognised";
    }
  }

  /** What messages call it. */
  String title();

  /** Looks at the keys and shapes of a checkpoint. */
  static Recognition of(Map<String, Shape> tensors) {
    Optional<Refused> refused = OtherFamilies.find(tensors);
    if (refused.isPresent()) {
      return refused.get();
    }
    for (Signature s : Signature.ALL) {
      Optional<String> wrapper = s.wrapper(tensors);
      if (wrapper.isPresent()) {
        return new Supported(s.family(), wrapper.get());
      }
    }
    return new Unknown();
  }
}
