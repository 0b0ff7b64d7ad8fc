package io.github.f2d4j.peers.onnxruntime;

import io.github.f2d4j.benchmarks.compare.Values;
import io.github.f2d4j.benchmarks.compare.Workload;
import io.github.f2d4j.peers.onnxruntime.OnnxRuntimeContender.Input;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Single operators as ONNX graphs, in the forms in which PyTorch exports them. */
final class OperatorGraphs {
  private static final long GROUPS = 32;
  private static final float EPS = 1e-5f;

  private OperatorGraphs() {}

  /**
   * A graph and what it is fed with.
   *
   * @param images whether inputs and result are NCHW
   */
  record Operator(OnnxGraph graph, Map<String, Input> inputs, boolean images) {}

  static Operator of(Workload workload) {
    return switch (workload) {
      case Workload.Linear w -> linear(w);
      case Workload.Convolve w -> convolve(w);
      case Workload.Attend w -> attend(w);
      case Workload.GroupNormSilu w -> groupNormSilu(w);
      case Workload.LayerNorm w -> layerNorm(w);
      case Workload.Network w -> throw new IllegalArgumentException(w.name() + " is no operator");
    };
  }

  private static Operator linear(Workload.Linear w) {
    OnnxGraph graph =
        new OnnxGraph()
            .input("x", w.rows(), w.in())
            .constant("w", Values.weight(w, (long) w.out() * w.in(), w.in()), w.out(), w.in())
            .constant("b", Values.bias(w, w.out()), w.out())
            .node("Gemm", List.of("x", "w", "b"), "y", Map.of("transB", 1L))
            .output("y", w.rows(), w.out());
    Input x = Input.of(Values.input(w, "x", (long) w.rows() * w.in()), w.rows(), w.in());
    return new Operator(graph, Map.of("x", x), false);
  }

  private static Operator convolve(Workload.Convolve w) {
    int k = w.kernel();
    long out = Math.ceilDiv(w.size(), w.stride());
    float[] weight = Values.weight(w, (long) w.out() * w.in() * k * k, w.in() * k * k);
    long[] pads = new long[4];
    Arrays.fill(pads, k / 2);
    OnnxGraph graph =
        new OnnxGraph()
            .input("x", w.images(), w.in(), w.size(), w.size())
            .constant("w", weight, w.out(), w.in(), k, k)
            .constant("b", Values.bias(w, w.out()), w.out())
            .node(
                "Conv",
                List.of("x", "w", "b"),
                "y",
                Map.of(
                    "kernel_shape", new long[] {k, k},
                    "pads", pads,
                    "strides", new long[] {w.stride(), w.stride()}))
            .output("y", w.images(), w.out(), out, out);
    return new Operator(graph, Map.of("x", image(w, w.images(), w.size(), w.in())), true);
  }

  private static Input image(Workload w, int images, int size, int channels) {
    float[] values = Values.input(w, "x", (long) images * size * size * channels);
    return Input.of(
        NetworkInputs.channelsFirst(values, images, size * size, channels),
        images,
        channels,
        size,
        size);
  }

  private static Operator attend(Workload.Attend w) {
    int width = w.heads() * w.width();
    OnnxGraph graph =
        new OnnxGraph()
            .input("q", w.images(), w.queries(), width)
            .input("k", w.images(), w.keys(), width)
            .input("v", w.images(), w.keys(), width)
            .node(
                OnnxGraph.MICROSOFT,
                "MultiHeadAttention",
                List.of("q", "k", "v"),
                "y",
                Map.of("num_heads", (long) w.heads()))
            .output("y", w.images(), w.queries(), width);
    Map<String, Input> inputs = new LinkedHashMap<>();
    inputs.put("q", tokens(w, "q", w.queries(), width));
    inputs.put("k", tokens(w, "k", w.keys(), width));
    inputs.put("v", tokens(w, "v", w.keys(), width));
    return new Operator(graph, inputs, false);
  }

  private static Input tokens(Workload.Attend w, String name, int count, int width) {
    return Input.of(
        Values.input(w, name, (long) w.images() * count * width), w.images(), count, width);
  }

  /** As exported: instance normalisation over groups, then a channel's scale and shift. */
  private static Operator groupNormSilu(Workload.GroupNormSilu w) {
    long c = w.channels();
    float[] ones = new float[(int) GROUPS];
    Arrays.fill(ones, 1);
    OnnxGraph graph =
        new OnnxGraph()
            .input("x", w.images(), c, w.size(), w.size())
            .constant("groups", w.images(), GROUPS, -1)
            .constant("image", w.images(), c, w.size(), w.size())
            .constant("ones", ones, GROUPS)
            .constant("zeros", new float[(int) GROUPS], GROUPS)
            .constant("scale", Values.scale(w, w.channels()), c, 1, 1)
            .constant("shift", Values.bias(w, w.channels()), c, 1, 1)
            .node("Reshape", List.of("x", "groups"), "grouped", Map.of())
            .node(
                "InstanceNormalization",
                List.of("grouped", "ones", "zeros"),
                "normal",
                Map.of("epsilon", EPS))
            .node("Reshape", List.of("normal", "image"), "back", Map.of())
            .node("Mul", List.of("back", "scale"), "scaled", Map.of())
            .node("Add", List.of("scaled", "shift"), "shifted", Map.of())
            .node("Sigmoid", List.of("shifted"), "gate", Map.of())
            .node("Mul", List.of("shifted", "gate"), "y", Map.of())
            .output("y", w.images(), c, w.size(), w.size());
    return new Operator(graph, Map.of("x", image(w, w.images(), w.size(), w.channels())), true);
  }

  private static Operator layerNorm(Workload.LayerNorm w) {
    OnnxGraph graph =
        new OnnxGraph()
            .input("x", w.rows(), w.channels())
            .constant("scale", Values.scale(w, w.channels()), w.channels())
            .constant("shift", Values.bias(w, w.channels()), w.channels())
            .node(
                "LayerNormalization",
                List.of("x", "scale", "shift"),
                "y",
                Map.of("axis", -1L, "epsilon", EPS))
            .output("y", w.rows(), w.channels());
    Input x =
        Input.of(Values.input(w, "x", (long) w.rows() * w.channels()), w.rows(), w.channels());
    return new Operator(graph, Map.of("x", x), false);
  }
}
