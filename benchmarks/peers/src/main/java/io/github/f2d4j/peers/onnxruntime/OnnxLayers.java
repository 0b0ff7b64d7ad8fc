package io.github.f2d4j.peers.onnxruntime;

import io.github.f2d4j.weights.WeightFiles;
import io.github.f2d4j.weights.safetensors.TensorSource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A checkpoint's layers as nodes of a graph, in the forms in which PyTorch's exporter and ONNX
 * Runtime's own optimiser for transformers write them. Weights go to a file beside the model, in
 * float32. Methods take and return names of values.
 */
final class OnnxLayers implements AutoCloseable {
  private static final String WEIGHTS = "weights.bin";
  private static final long GROUPS = 32;

  private final OnnxGraph graph = new OnnxGraph();
  private final TensorSource source;
  private final Path folder;
  private final FileChannel data;
  private final Set<String> written = new HashSet<>();
  private int next;

  /**
   * The layers of a checkpoint.
   *
   * @param checkpoint its folder
   * @param folder an empty folder for the model
   */
  OnnxLayers(Path checkpoint, Path folder) throws IOException {
    this.source = WeightFiles.open(checkpoint);
    this.folder = folder;
    this.data =
        FileChannel.open(
            folder.resolve(WEIGHTS), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  OnnxGraph graph() {
    return graph;
  }

  /** Writes the model; returns its file. */
  Path write() throws IOException {
    return Files.write(folder.resolve("model.onnx"), graph.model());
  }

  @Override
  public void close() throws IOException {
    data.close();
    source.close();
  }

  boolean has(String key) {
    return source.contains(key);
  }

  long[] dims(String key) {
    return Arrays.stream(source.type(key).shape().dims()).mapToLong(i -> i).toArray();
  }

  /** A parameter as it is in the checkpoint. */
  String parameter(String key) {
    return parameter(key, dims(key));
  }

  /** A parameter in these dimensions. */
  String parameter(String key, long... dims) {
    String name = key + Arrays.toString(dims);
    if (written.add(name)) {
      external(name, source.get(key).toFloats(), dims);
    }
    return name;
  }

  /** A linear layer's weight [out,in,…] as [in,out]. */
  private String transposed(String key) {
    String name = key + " transposed";
    if (written.add(name)) {
      long[] dims = dims(key);
      int out = (int) dims[0];
      int in = (int) dims[1];
      float[] rows = source.get(key).toFloats();
      float[] columns = new float[rows.length];
      for (int o = 0; o < out; o++) {
        for (int i = 0; i < in; i++) {
          columns[i * out + o] = rows[o * in + i];
        }
      }
      external(name, columns, in, out);
    }
    return name;
  }

  private void external(String name, float[] values, long... dims) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    try {
      long offset = data.position();
      while (bytes.hasRemaining()) {
        data.write(bytes);
      }
      graph.external(name, WEIGHTS, offset, 4L * values.length, dims);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A constant that is no weight. */
  String constant(float[] values, long... dims) {
    String name = fresh();
    graph.constant(name, values, dims);
    return name;
  }

  private String list(long... values) {
    String name = fresh();
    graph.constant(name, values);
    return name;
  }

  private String fresh() {
    return "v" + next++;
  }

  /** An operator of ONNX. */
  String node(String op, Map<String, Object> attributes, String... inputs) {
    String output = fresh();
    graph.node(op, List.of(inputs), output, attributes);
    return output;
  }

  private String contributed(String op, Map<String, Object> attributes, String... inputs) {
    String output = fresh();
    graph.node(OnnxGraph.MICROSOFT, op, List.of(inputs), output, attributes);
    return output;
  }

  String add(String a, String b) {
    return node("Add", Map.of(), a, b);
  }

  String multiply(String a, String b) {
    return node("Mul", Map.of(), a, b);
  }

  String silu(String x) {
    return multiply(x, node("Sigmoid", Map.of(), x));
  }

  String gelu(String x) {
    return contributed("Gelu", Map.of(), x);
  }

  String quickGelu(String x) {
    return contributed("QuickGelu", Map.of("alpha", 1.702f), x);
  }

  /** Zero keeps a dimension, minus one is what is left. */
  String reshape(String x, long... dims) {
    return node("Reshape", Map.of(), x, list(dims));
  }

  /** {@code x} in the shape of {@code like}. */
  String reshapeLike(String x, String like) {
    return node("Reshape", Map.of(), x, node("Shape", Map.of(), like));
  }

  String transpose(String x, long... order) {
    return node("Transpose", Map.of("perm", order), x);
  }

  String concat(long axis, String... parts) {
    return node("Concat", Map.of("axis", axis), parts);
  }

  /** Equal parts of the last axis. */
  List<String> split(String x, int count) {
    List<String> parts = Stream.generate(this::fresh).limit(count).toList();
    graph.node("", "Split", List.of(x), parts, Map.of("axis", -1L));
    return parts;
  }

  /** Nearest neighbours at twice the size. */
  String upsample(String x) {
    return node(
        "Resize",
        Map.of(
            "mode", "nearest",
            "coordinate_transformation_mode", "asymmetric",
            "nearest_mode", "floor"),
        x,
        "",
        constant(new float[] {1, 1, 2, 2}, 4));
  }

  /** {@code key.weight} [out,in] or [out,in,1,1], {@code key.bias}: x·Wᵀ + b. */
  String linear(String key, String x) {
    String y = node("MatMul", Map.of(), x, transposed(key + ".weight"));
    return has(key + ".bias") ? add(y, parameter(key + ".bias")) : y;
  }

  /** {@code key.weight} [out,in,k,k], {@code key.bias}. */
  String convolve(String key, String x, long stride, long padding) {
    long k = dims(key + ".weight")[2];
    String weight = parameter(key + ".weight");
    Map<String, Object> attributes =
        Map.of(
            "kernel_shape", new long[] {k, k},
            "strides", new long[] {stride, stride},
            "pads", new long[] {padding, padding, padding, padding});
    return has(key + ".bias")
        ? node("Conv", attributes, x, weight, parameter(key + ".bias"))
        : node("Conv", attributes, x, weight);
  }

  /** Instance normalisation over groups, then a channel's scale and shift. */
  String groupNorm(String key, String x, float eps) {
    float[] ones = new float[(int) GROUPS];
    Arrays.fill(ones, 1);
    String normal =
        node(
            "InstanceNormalization",
            Map.of("epsilon", eps),
            reshape(x, 0, GROUPS, -1),
            constant(ones, GROUPS),
            constant(new float[(int) GROUPS], GROUPS));
    long channels = dims(key + ".weight")[0];
    String scaled = multiply(reshapeLike(normal, x), parameter(key + ".weight", channels, 1, 1));
    return add(scaled, parameter(key + ".bias", channels, 1, 1));
  }

  String layerNorm(String key, String x, float eps) {
    return node(
        "LayerNormalization",
        Map.of("axis", -1L, "epsilon", eps),
        x,
        parameter(key + ".weight"),
        parameter(key + ".bias"));
  }

  String batchNorm(String key, String x, float eps) {
    return node(
        "BatchNormalization",
        Map.of("epsilon", eps),
        x,
        parameter(key + ".weight"),
        parameter(key + ".bias"),
        parameter(key + ".running_mean"),
        parameter(key + ".running_var"));
  }

  /** Softmax(QKᵀ/√d)V of [n,tokens,heads·d]. */
  String attend(String q, String k, String v, long heads) {
    return contributed("MultiHeadAttention", Map.of("num_heads", heads), q, k, v);
  }

  /**
   * Attention with something added to the scores.
   *
   * @param bias [1,1,queries,keys]
   */
  String attend(String q, String k, String v, long heads, String bias) {
    return contributed("MultiHeadAttention", Map.of("num_heads", heads), q, k, v, "", "", bias);
  }
}
