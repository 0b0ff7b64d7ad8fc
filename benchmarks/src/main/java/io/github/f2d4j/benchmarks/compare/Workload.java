package io.github.f2d4j.benchmarks.compare;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * One operator at one shape, or one network, in float32. Its {@link #name()} says everything about
 * it and is what processes tell each other.
 */
public sealed interface Workload {

  /** What kind of arithmetic it is: rows of the roofline table. */
  enum Family {
    /** Matrix products with a weight. */
    LINEAR("linear"),
    /** 3×3 convolutions of stride 1, counted by their direct form. */
    CONV3X3("3×3 convolution"),
    /** Other convolutions. */
    CONV("other convolutions"),
    /** Softmax(QKᵀ/√d)V. */
    ATTENTION("attention"),
    /** Group and layer normalisation. */
    NORMALIZE("normalisation"),
    /** Whole networks. */
    NETWORK("networks");

    private final String label;

    Family(String label) {
      this.label = label;
    }

    /** The name for people. */
    public String label() {
      return label;
    }
  }

  /** Text such as {@code linear 8192x320x2560}; {@link #parse} reads it. */
  String name();

  /** Its kind. */
  Family family();

  /** Billions of additions and multiplications of the direct form. */
  double gflop();

  /** Bytes that must move if every input, weight and result moves once, as float32. */
  double bytes();

  /** x·Wᵀ + b: x [rows,in], W [out,in]. */
  record Linear(int rows, int in, int out) implements Workload {
    @Override
    public String name() {
      return "linear " + joined(rows, in, out);
    }

    @Override
    public Family family() {
      return Family.LINEAR;
    }

    @Override
    public double gflop() {
      return 2e-9 * rows * in * out;
    }

    @Override
    public double bytes() {
      return 4.0 * ((double) rows * in + (double) in * out + out + (double) rows * out);
    }
  }

  /** A convolution with bias, padded to keep the size (divided by the stride). */
  record Convolve(int images, int size, int in, int out, int kernel, int stride)
      implements Workload {
    @Override
    public String name() {
      return "conv " + joined(images, size, in, out, kernel, stride);
    }

    @Override
    public Family family() {
      return kernel == 3 && stride == 1 ? Family.CONV3X3 : Family.CONV;
    }

    /** Pixels of one result. */
    private double pixels() {
      long side = Math.ceilDiv(size, stride);
      return side * side;
    }

    @Override
    public double gflop() {
      return 2e-9 * images * pixels() * in * out * kernel * kernel;
    }

    @Override
    public double bytes() {
      return 4.0
          * (images * (double) size * size * in
              + (double) in * out * kernel * kernel
              + out
              + images * pixels() * out);
    }
  }

  /** Softmax(QKᵀ/√d)V with {@code heads} heads side by side: [images,tokens,heads·width]. */
  record Attend(int images, int heads, int queries, int keys, int width) implements Workload {
    @Override
    public String name() {
      return "attention " + joined(images, heads, queries, keys, width);
    }

    @Override
    public Family family() {
      return Family.ATTENTION;
    }

    @Override
    public double gflop() {
      return 4e-9 * images * heads * queries * keys * width;
    }

    @Override
    public double bytes() {
      return 8.0 * images * heads * width * ((double) queries + keys);
    }
  }

  /** Group normalisation in 32 groups, then SiLU: [images,size,size,channels]. */
  record GroupNormSilu(int images, int size, int channels) implements Workload {
    @Override
    public String name() {
      return "groupnorm-silu " + joined(images, size, channels);
    }

    @Override
    public Family family() {
      return Family.NORMALIZE;
    }

    private double elements() {
      return (double) images * size * size * channels;
    }

    /** Sum, sum of squares, scale and shift: 5 an element; the exponential is not counted. */
    @Override
    public double gflop() {
      return 5e-9 * elements();
    }

    @Override
    public double bytes() {
      return 4 * (2 * elements() + 2 * channels);
    }
  }

  /** Layer normalisation: [rows,channels]. */
  record LayerNorm(int rows, int channels) implements Workload {
    @Override
    public String name() {
      return "layernorm " + joined(rows, channels);
    }

    @Override
    public Family family() {
      return Family.NORMALIZE;
    }

    @Override
    public double gflop() {
      return 5e-9 * rows * channels;
    }

    @Override
    public double bytes() {
      return 4 * (2.0 * rows * channels + 2 * channels);
    }
  }

  /** A whole network with the weights of a model folder. */
  record Network(Net net) implements Workload {
    @Override
    public String name() {
      return "network " + net.name().toLowerCase(Locale.ROOT);
    }

    @Override
    public Family family() {
      return Family.NETWORK;
    }

    @Override
    public double gflop() {
      return net.gflop();
    }

    @Override
    public double bytes() {
      return net.weightBytes();
    }
  }

  /**
   * The workload of a name.
   *
   * @throws IllegalArgumentException if no workload has that name
   */
  static Workload parse(String name) {
    String[] parts = name.split(" ", 2);
    String shape = parts.length == 2 ? parts[1] : "";
    return switch (parts[0]) {
      case "linear" -> {
        int[] d = dims(name, shape, 3);
        yield new Linear(d[0], d[1], d[2]);
      }
      case "conv" -> {
        int[] d = dims(name, shape, 6);
        yield new Convolve(d[0], d[1], d[2], d[3], d[4], d[5]);
      }
      case "attention" -> {
        int[] d = dims(name, shape, 5);
        yield new Attend(d[0], d[1], d[2], d[3], d[4]);
      }
      case "groupnorm-silu" -> {
        int[] d = dims(name, shape, 3);
        yield new GroupNormSilu(d[0], d[1], d[2]);
      }
      case "layernorm" -> {
        int[] d = dims(name, shape, 2);
        yield new LayerNorm(d[0], d[1]);
      }
      case "network" ->
          new Network(
              Arrays.stream(Net.values())
                  .filter(n -> n.name().equalsIgnoreCase(shape))
                  .findFirst()
                  .orElseThrow(() -> unknown(name)));
      default -> throw unknown(name);
    };
  }

  private static int[] dims(String name, String shape, int count) {
    String[] parts = shape.split("x", -1);
    if (parts.length != count
        || !Arrays.stream(parts).allMatch(p -> p.matches("[1-9][0-9]{0,8}"))) {
      throw unknown(name);
    }
    return Arrays.stream(parts).mapToInt(Integer::parseInt).toArray();
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException(
        "no workload is called \""
            + name
            + "\"; expected one such as \"linear ROWSxINxOUT\", \"conv IMAGESxSIZExINxOUTxKERNELx"
            + "STRIDE\", \"attention IMAGESxHEADSxQUERIESxKEYSxWIDTH\", \"groupnorm-silu IMAGESx"
            + "SIZExCHANNELS\", \"layernorm ROWSxCHANNELS\" or \"network NAME\" with one of "
            + List.of(Net.values()));
  }

  private static String joined(int... dims) {
    return String.join("x", Arrays.stream(dims).mapToObj(Integer::toString).toList());
  }
}
