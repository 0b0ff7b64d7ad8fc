package io.github.f2d4j.peers.onnxruntime;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A small ONNX graph, as a model file's bytes. Field numbers are those of <a
 * href="https://github.com/onnx/onnx/blob/v1.17.0/onnx/onnx.proto">onnx.proto</a>.
 */
final class OnnxGraph {
  /** The domain of ONNX Runtime's own operators. */
  static final String MICROSOFT = "com.microsoft";

  private static final int IR_VERSION = 8;
  private static final int OPSET = 17;
  private static final int FLOAT = 1;
  private static final int INT64 = 7;

  /** TensorProto.DataLocation. */
  private static final int EXTERNAL = 1;

  // AttributeProto.AttributeType
  private static final int TYPE_FLOAT = 1;
  private static final int TYPE_INT = 2;
  private static final int TYPE_STRING = 3;
  private static final int TYPE_INTS = 7;

  private final Protobuf graph = new Protobuf().put(2, "operator");

  /** An input of float32 values. */
  OnnxGraph input(String name, long... dims) {
    graph.put(11, value(name, FLOAT, dims));
    return this;
  }

  /** An input of integers. */
  OnnxGraph integers(String name, long... dims) {
    graph.put(11, value(name, INT64, dims));
    return this;
  }

  /** An output of float32 values. */
  OnnxGraph output(String name, long... dims) {
    graph.put(12, value(name, FLOAT, dims));
    return this;
  }

  private static Protobuf value(String name, int type, long... dims) {
    Protobuf shape = new Protobuf();
    for (long dim : dims) {
      shape.put(1, new Protobuf().put(1, dim));
    }
    Protobuf tensor = new Protobuf().put(1, type).put(2, shape);
    return new Protobuf().put(1, name).put(2, new Protobuf().put(1, tensor));
  }

  /** A constant of float32 values. */
  OnnxGraph constant(String name, float[] values, long... dims) {
    ByteBuffer bytes = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return constant(name, FLOAT, bytes.array(), dims);
  }

  /** A constant list of integers, such as a shape. */
  OnnxGraph constant(String name, long... values) {
    ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asLongBuffer().put(values);
    return constant(name, INT64, bytes.array(), values.length);
  }

  private OnnxGraph constant(String name, int type, byte[] raw, long... dims) {
    Protobuf tensor = new Protobuf();
    for (long dim : dims) {
      tensor.put(1, dim);
    }
    graph.put(5, tensor.put(2, type).put(8, name).put(9, raw));
    return this;
  }

  /** A constant of float32 values in a file beside the model. */
  OnnxGraph external(String name, String file, long offset, long bytes, long... dims) {
    Protobuf tensor = new Protobuf();
    for (long dim : dims) {
      tensor.put(1, dim);
    }
    tensor.put(2, FLOAT).put(8, name);
    tensor.put(13, new Protobuf().put(1, "location").put(2, file));
    tensor.put(13, new Protobuf().put(1, "offset").put(2, Long.toString(offset)));
    tensor.put(13, new Protobuf().put(1, "length").put(2, Long.toString(bytes)));
    graph.put(5, tensor.put(14, EXTERNAL));
    return this;
  }

  /** An operator of ONNX. */
  OnnxGraph node(String op, List<String> inputs, String output, Map<String, Object> attributes) {
    return node("", op, inputs, output, attributes);
  }

  /**
   * An operator of any domain.
   *
   * @param inputs names; an empty one leaves an optional input out
   * @param attributes values of type Long, Float, String or long[]
   */
  OnnxGraph node(
      String domain,
      String op,
      List<String> inputs,
      String output,
      Map<String, Object> attributes) {
    return node(domain, op, inputs, List.of(output), attributes);
  }

  /** An operator with several results. */
  OnnxGraph node(
      String domain,
      String op,
      List<String> inputs,
      List<String> outputs,
      Map<String, Object> attributes) {
    Protobuf node = new Protobuf();
    inputs.forEach(i -> node.put(1, i));
    outputs.forEach(o -> node.put(2, o));
    node.put(3, outputs.getFirst()).put(4, op);
    new TreeMap<>(attributes).forEach((name, value) -> node.put(5, attribute(name, value)));
    graph.put(1, node.put(7, domain));
    return this;
  }

  private static Protobuf attribute(String name, Object value) {
    Protobuf attribute = new Protobuf().put(1, name);
    return switch (value) {
      case Long l -> attribute.put(3, l).put(20, TYPE_INT);
      case Float f -> attribute.put(2, f).put(20, TYPE_FLOAT);
      case String s -> attribute.put(4, s).put(20, TYPE_STRING);
      case long[] ints -> {
        Arrays.stream(ints).forEach(i -> attribute.put(8, i));
        yield attribute.put(20, TYPE_INTS);
      }
      default ->
          throw new IllegalArgumentException(
              "attribute "
                  + name
                  + " is a "
                  + value.getClass()
                  + ", expected Long, Float, String, long[]");
    };
  }

  /** The bytes of a model file. */
  byte[] model() {
    return new Protobuf()
        .put(1, IR_VERSION)
        .put(2, "f2d4j")
        .put(8, new Protobuf().put(1, "").put(2, OPSET))
        .put(8, new Protobuf().put(1, MICROSOFT).put(2, 1))
        .put(7, graph)
        .bytes();
  }
}
