package io.github.f2d4j.engine.nn;

import java.util.List;

/** A checkpoint and a model do not agree. The message lists every disagreement. */
public final class WeightsException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final int SHOWN = 20;

  private final transient List<String> problems;

  WeightsException(String name, List<String> problems) {
    super(message(name, problems));
    this.problems = List.copyOf(problems);
  }

  private static String message(String name, List<String> problems) {
    StringBuilder s = new StringBuilder();
    s.append("the weights in ").append(name).append(" do not fit the model (");
    s.append(problems.size()).append(problems.size() == 1 ? " problem):" : " problems):");
    problems.stream().limit(SHOWN).forEach(p -> s.append("\n  ").append(p));
    if (problems.size() > SHOWN) {
      s.append("\n  and ").append(problems.size() - SHOWN).append(" more");
    }
    return s.append("\nCheck that the folder holds this kind of model and its config.json")
        .append(" belongs to these weights.")
        .toString();
  }

  /** Every disagreement, one line each. */
  public List<String> problems() {
    return problems;
  }
}
