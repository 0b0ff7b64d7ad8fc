package io.github.f2d4j.engine.nn;

import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A checkpoint's tensors as a tree of paths. A model asks for every weight by name and shape while
 * it is built; {@link #verify()} then reports in one error all that are missing, of another shape,
 * or unused.
 *
 * {@snippet file = "io/github/f2d4j/engine/example/TensorExample.java" region = "weights"}
 */
public final class Weights {
  private final Ledger ledger;
  private final String path;

  /** What all scopes of one checkpoint share. */
  private static final class Ledger {
    final String name;
    final Map<String, TensorType> known;
    final @Nullable Function<String, Tensor> data;
    final boolean recording;
    final Map<String, TensorType> declared = Collections.synchronizedMap(new TreeMap<>());
    final Map<String, Tensor> used = Collections.synchronizedMap(new TreeMap<>());
    final Set<String> ignored = Collections.synchronizedSet(new TreeSet<>());
    final List<String> problems = Collections.synchronizedList(new ArrayList<>());

    Ledger(
        String name,
        Map<String, TensorType> known,
        @Nullable Function<String, Tensor> data,
        boolean recording) {
      this.name = name;
      this.known = known;
      this.data = data;
      this.recording = recording;
    }
  }

  private Weights(Ledger ledger, String path) {
    this.ledger = ledger;
    this.path = path;
  }

  /**
   * The weights of a checkpoint.
   *
   * @param name what error messages call it, such as its file
   * @param tensors every tensor by its full key
   */
  public static Weights of(String name, Map<String, Tensor> tensors) {
    Map<String, TensorType> known = new TreeMap<>();
    tensors.forEach((k, t) -> known.put(k, t.type()));
    return new Weights(new Ledger(name, known, tensors::get, false), "");
  }

  /**
   * Keys and types without data: a model built on them can be verified and planned, not run.
   *
   * @param name what error messages call it
   */
  public static Weights ofTypes(String name, Map<String, TensorType> types) {
    return new Weights(new Ledger(name, types, null, false), "");
  }

  /**
   * Accepts every key a model asks for, as F32 without data; {@link #declared()} then lists them.
   */
  public static Weights recording() {
    return new Weights(new Ledger("recording", Map.of(), null, true), "");
  }

  /** The full path of this scope; empty at the root. */
  public String path() {
    return path;
  }

  /** The scope {@code name} below this one. */
  public Weights at(String name) {
    return new Weights(ledger, key(name));
  }

  /** The scope {@code index} below this one. */
  public Weights at(int index) {
    return at(Integer.toString(index));
  }

  private String key(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }

  /** Whether the checkpoint has {@code name} here, as a tensor or as a scope. */
  public boolean has(String name) {
    String key = key(name);
    return ledger.known.containsKey(key)
        || ledger.known.keySet().stream().anyMatch(k -> k.startsWith(key + "."));
  }

  /**
   * The scope that the checkpoint calls by one of these names, newest name first: published
   * checkpoints differ. The first if it has none of them.
   */
  public Weights atAny(String... names) {
    for (String n : names) {
      if (has(n)) {
        return at(n);
      }
    }
    return at(names[0]);
  }

  /**
   * The weight {@code name} of this scope, of any type that operators widen (F32, F16, BF16). If it
   * is missing or misshapen that is noted for {@link #verify()}, and a tensor without a value
   * stands in.
   */
  public Tensor get(String name, int... dims) {
    String key = key(name);
    Shape shape = Shape.of(dims);
    TensorType found = ledger.known.get(key);
    ledger.declared.put(key, found != null ? found : TensorType.f32(shape));
    Tensor stand = Tensor.placeholder(TensorType.f32(shape));
    if (ledger.recording) {
      return Tensor.parameter(TensorType.f32(shape));
    }
    if (found == null) {
      ledger.problems.add("missing " + key + " " + shape);
      return stand;
    }
    if (!found.shape().equals(shape)) {
      ledger.problems.add(
          "mismatched " + key + ": the checkpoint has " + found.shape() + ", the model " + shape);
      return stand;
    }
    if (!found.dtype().isComputable()) {
      ledger.problems.add(
          "mismatched "
              + key
              + ": the checkpoint has "
              + found.dtype()
              + ", expected F32, F16 or BF16");
      return stand;
    }
    if (ledger.data == null) {
      return Tensor.parameter(found);
    }
    Tensor tensor = ledger.data.apply(key);
    ledger.used.put(key, tensor);
    return tensor;
  }

  /** The extent of a weight that the checkpoint decides, or {@code fallback} if it is missing. */
  public int extent(String name, int axis, int fallback) {
    TensorType found = ledger.known.get(key(name));
    return found == null || found.shape().rank() <= axis ? fallback : found.shape().dim(axis);
  }

  /** Notes that a checkpoint may hold {@code name}, which the model does not read. */
  public void ignore(String name) {
    ledger.ignored.add(key(name));
  }

  /** Every key asked for so far, with the checkpoint's type or else F32. */
  public Map<String, TensorType> declared() {
    return new TreeMap<>(ledger.declared);
  }

  /** The names that the model may find in a checkpoint and does not read. */
  public Set<String> ignored() {
    return new TreeSet<>(ledger.ignored);
  }

  /**
   * Checks that the model and the checkpoint agree and that every weight in use is a number.
   *
   * @throws WeightsException listing all that is missing, mismatched, unused or not finite
   */
  public void verify() {
    List<String> problems = new ArrayList<>(ledger.problems);
    if (!ledger.recording) {
      for (String key : ledger.known.keySet()) {
        if (!ledger.declared.containsKey(key) && !isIgnored(key)) {
          problems.add("unused " + key + " " + ledger.known.get(key).shape());
        }
      }
    }
    problems.addAll(
        FiniteScan.keysNotFinite(new TreeMap<>(ledger.used)).stream()
            .map(key -> "not finite " + key + ": it holds NaN or infinite values")
            .toList());
    if (!problems.isEmpty()) {
      throw new WeightsException(ledger.name, problems);
    }
  }

  private boolean isIgnored(String key) {
    return ledger.ignored.contains(key)
        || ledger.ignored.stream().anyMatch(i -> key.startsWith(i + "."));
  }
}
