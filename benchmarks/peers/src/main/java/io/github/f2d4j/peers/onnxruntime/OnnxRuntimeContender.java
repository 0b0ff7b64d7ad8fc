package io.github.f2d4j.peers.onnxruntime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import io.github.f2d4j.benchmarks.compare.Contender;
import io.github.f2d4j.benchmarks.compare.Net;
import io.github.f2d4j.benchmarks.compare.UnsupportedWorkloadException;
import io.github.f2d4j.benchmarks.compare.Workload;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.LongBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** ONNX Runtime's CPU provider in float32, with all graph optimisations. */
public final class OnnxRuntimeContender implements Contender {
  private static final int THREADS = Integer.getInteger("f2d4j.threads", 1);

  /** For the service loader. */
  public OnnxRuntimeContender() {}

  @Override
  public String name() {
    return "onnxruntime-f32";
  }

  @Override
  public Precision precision() {
    return Precision.FLOAT32;
  }

  @Override
  public String describe() {
    return "ONNX Runtime %s, CPU provider, float32, all optimisations, %d threads"
        .formatted(OrtEnvironment.getEnvironment().getVersion(), THREADS);
  }

  private static SessionOptions options() throws OrtException {
    SessionOptions options = new SessionOptions();
    options.setIntraOpNumThreads(THREADS);
    options.setInterOpNumThreads(1);
    options.setExecutionMode(SessionOptions.ExecutionMode.SEQUENTIAL);
    options.setOptimizationLevel(SessionOptions.OptLevel.ALL_OPT);
    options.addConfigEntry("session.set_denormal_as_zero", "1");
    // Threads spin within a run, but not into the turn of another contender.
    options.addConfigEntry("session.force_spinning_stop", "1");
    return options;
  }

  @Override
  public Prepared prepare(Workload workload, Networks networks) throws IOException {
    try {
      OrtEnvironment environment = OrtEnvironment.getEnvironment();
      if (workload instanceof Workload.Network(var net)) {
        OrtSession session = session(environment, net, networks);
        return new Run(session, NetworkInputs.of(workload, net, session.getInputInfo()), true);
      }
      OperatorGraphs.Operator operator = OperatorGraphs.of(workload);
      OrtSession session = environment.createSession(operator.graph().model(), options());
      return new Run(session, operator.inputs(), operator.images());
    } catch (OrtException e) {
      throw new UnsupportedWorkloadException("ONNX Runtime: " + e.getMessage());
    }
  }

  /** Of the user's file, or of a graph that is written for it and deleted again. */
  private static OrtSession session(OrtEnvironment environment, Net net, Networks networks)
      throws OrtException, IOException {
    Optional<Path> given = networks.onnx(net);
    if (given.isPresent()) {
      return environment.createSession(given.get().toString(), options());
    }
    Path folder = Files.createTempDirectory(networks.scratch(), "onnx-");
    try (OnnxLayers layers = new OnnxLayers(networks.folder(net), folder)) {
      switch (net) {
        case UNET -> new DiffusionGraphs(layers).denoiser();
        case VAE_DECODER -> new DiffusionGraphs(layers).decoder();
        case TEXT_ENCODER -> new EncoderGraphs(layers).text();
        case MSID_VIT -> new EncoderGraphs(layers).msidVit();
        case IRESNET50 -> new EncoderGraphs(layers).iresnet50();
      }
      return environment.createSession(layers.write().toString(), options());
    } finally {
      delete(folder);
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files = all.toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(folder);
  }

  /** The values of an input, float32 or integers. */
  static final class Input {
    private final float[] floats;
    private final long[] longs;
    private final long[] dims;

    private Input(float[] floats, long[] longs, long[] dims) {
      this.floats = floats;
      this.longs = longs;
      this.dims = dims;
    }

    static Input of(float[] values, long... dims) {
      return new Input(values, new long[0], dims);
    }

    static Input of(long[] values, long... dims) {
      return new Input(new float[0], values, dims);
    }

    /** In the type and rank that a model's input has. */
    OnnxTensor tensor(OrtEnvironment environment, NodeInfo info) throws OrtException {
      OnnxJavaType type = ((TensorInfo) info.getInfo()).type;
      if (type == OnnxJavaType.FLOAT) {
        return OnnxTensor.createTensor(environment, FloatBuffer.wrap(floats), dims);
      }
      long[] integers =
          longs.length > 0 || floats.length == 0
              ? longs
              : Arrays.stream(toDoubles(floats)).mapToLong(Math::round).toArray();
      if (type == OnnxJavaType.INT64) {
        return OnnxTensor.createTensor(environment, LongBuffer.wrap(integers), dims);
      }
      if (type == OnnxJavaType.INT32) {
        int[] narrow = Arrays.stream(integers).mapToInt(Math::toIntExact).toArray();
        return OnnxTensor.createTensor(environment, java.nio.IntBuffer.wrap(narrow), dims);
      }
      throw new UnsupportedWorkloadException(
          "input " + info.getName() + " is of type " + type + ", expected FLOAT, INT64 or INT32");
    }

    private static double[] toDoubles(float[] values) {
      double[] wide = new double[values.length];
      for (int i = 0; i < wide.length; i++) {
        wide[i] = values[i];
      }
      return wide;
    }
  }

  private static final class Run implements Prepared {
    private final OrtSession session;
    private final Map<String, OnnxTensor> inputs = new LinkedHashMap<>();
    private final boolean images;

    /**
     * A session with its inputs.
     *
     * @param images whether a result with four axes is NCHW
     */
    Run(OrtSession session, Map<String, Input> values, boolean images) throws OrtException {
      this.session = session;
      this.images = images;
      for (Map.Entry<String, Input> e : values.entrySet()) {
        NodeInfo info = session.getInputInfo().get(e.getKey());
        if (info == null) {
          throw new UnsupportedWorkloadException("the model has no input " + e.getKey());
        }
        inputs.put(e.getKey(), e.getValue().tensor(OrtEnvironment.getEnvironment(), info));
      }
    }

    @Override
    public void run() {
      try (OrtSession.Result result = session.run(inputs)) {
        if (result.size() == 0) {
          throw new IllegalStateException("the session gave no result");
        }
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public float[] result() {
      try (OrtSession.Result result = session.run(inputs)) {
        OnnxTensor first = (OnnxTensor) result.get(0);
        FloatBuffer buffer = first.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        long[] dims = first.getInfo().getShape();
        return images && dims.length == 4 ? NetworkInputs.channelsLast(values, dims) : values;
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void close() {
      inputs.values().forEach(OnnxTensor::close);
      try {
        session.close();
      } catch (OrtException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
