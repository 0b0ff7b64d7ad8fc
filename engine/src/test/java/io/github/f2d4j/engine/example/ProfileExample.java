package io.github.f2d4j.engine.example;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.profile.Profile;
import java.util.List;

/** The example in the documentation of {@link Profile}. */
final class ProfileExample {
  private ProfileExample() {}

  static List<Profile.Entry> run(Tensor x, Tensor weight) {
    // @start region="profile"
    Profile profile = new Profile();
    Tensor y = profile.recording(() -> x.matmul(weight).silu().eval());
    for (Profile.Entry e : profile.take()) {
      System.out.printf("%s %s: %d calls, %.3f ms%n", y, e.operator(), e.calls(), e.nanos() / 1e6);
    }
    // @end
    profile.recording(() -> x.matmul(weight).toFloats());
    return profile.take();
  }
}
