package io.github.f2d4j.kernels.setup;

import io.github.f2d4j.engine.backend.BackendProvider.Finding;
import io.github.f2d4j.kernels.library.Loading;
import java.util.ArrayList;
import java.util.List;

/** Gathers what was found. */
final class Findings {
  private final List<Finding> all = new ArrayList<>();

  List<Finding> all() {
    return List.copyOf(all);
  }

  void good(String subject, String text) {
    all.add(new Finding(true, subject, text));
  }

  void bad(String subject, String text) {
    all.add(new Finding(false, subject, text));
  }

  void bad(String subject, List<String> texts) {
    texts.forEach(t -> bad(subject, t));
  }

  /** Every reason for which a library is missing, and what to do about it. */
  void missing(String subject, Loading.Missing missing) {
    bad(subject, missing.failures());
    bad(subject, missing.kind().title() + " is missing: " + missing.kind().remedy());
  }
}
