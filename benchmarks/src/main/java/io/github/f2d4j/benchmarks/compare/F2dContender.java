package io.github.f2d4j.benchmarks.compare;

import io.github.f2d4j.engine.CompiledFunction;
import io.github.f2d4j.engine.Tensor;
import io.github.f2d4j.engine.backend.Backends;
import io.github.f2d4j.engine.op.ConvolveOp.Window;
import io.github.f2d4j.engine.types.Shape;
import io.github.f2d4j.engine.types.TensorType;
import io.github.f2d4j.model.clip.ClipTextEncoder;
import io.github.f2d4j.model.identity.IdentityEncoder;
import io.github.f2d4j.model.unet.UNet2DConditionModel;
import io.github.f2d4j.model.vae.AutoencoderKl;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** This library, on the backend and vector width that its JVM's flags choose. */
public class F2dContender implements Contender {
  private static final int GROUPS = 32;

  private final String name;
  private final Precision precision;
  private final List<String> flags;

  /** With all that this processor has. */
  public F2dContender() {
    this("f2d4j", Precision.FLOAT32);
  }

  private F2dContender(String name, Precision precision, String... flags) {
    this.name = name;
    this.precision = precision;
    this.flags = List.of(flags);
  }

  /** With products in bfloat16 where the processor has a matrix unit. */
  public static final class Medium extends F2dContender {
    /** For the service loader. */
    public Medium() {
      super("f2d4j-medium", Precision.BFLOAT16, "-Df2d4j.cpu.precision=medium");
    }
  }

  /** With the smallest products of digits left out where the processor has a matrix unit. */
  public static final class High extends F2dContender {
    /** For the service loader. */
    public High() {
      super("f2d4j-high", Precision.NEAR_FLOAT32, "-Df2d4j.cpu.precision=high");
    }
  }

  /** With the widest vectors, also where the processor has a matrix unit. */
  public static final class Vectors extends F2dContender {
    /** For the service loader. */
    public Vectors() {
      super("f2d4j-vectors", Precision.FLOAT32, "-Df2d4j.amx=off");
    }
  }

  /** With 256-bit vectors, also where the processor has wider ones. */
  public static final class Lanes256 extends F2dContender {
    /** For the service loader. */
    public Lanes256() {
      super("f2d4j-256bit", Precision.FLOAT32, "-Df2d4j.lanes=256");
    }
  }

  /** With 128-bit vectors. */
  public static final class Lanes128 extends F2dContender {
    /** For the service loader. */
    public Lanes128() {
      super("f2d4j-128bit", Precision.FLOAT32, "-Df2d4j.lanes=128");
    }
  }

  /** With plain loops, as in a JVM without the Vector API. */
  public static final class PlainLoops extends F2dContender {
    /** For the service loader. */
    public PlainLoops() {
      super("f2d4j-loops", Precision.FLOAT32, "-Df2d4j.lanes=scalar");
    }
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Precision precision() {
    return precision;
  }

  @Override
  public List<String> jvmFlags() {
    return flags;
  }

  @Override
  public String describe() {
    return "f2d4j, " + Backends.current().describe() + ", Java " + Runtime.version();
  }

  /** An operator, ready to run in this JVM. */
  public static Prepared prepare(Workload operator) {
    try {
      return new F2dContender().prepare(operator, NetworkFiles.parse(List.of()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A network, ready to run in this JVM.
   *
   * @param model a model folder
   * @param own where a network that it lacks is kept with random weights
   */
  public static Prepared prepare(Workload.Network network, Path model, Path own)
      throws IOException {
    NetworkFiles files =
        NetworkFiles.prepare(
            List.of(network.net()),
            model.toAbsolutePath(),
            own.toAbsolutePath(),
            Map.of(),
            System.err::println);
    return new F2dContender().prepare(network, files);
  }

  @Override
  public Prepared prepare(Workload workload, Networks networks) throws IOException {
    return switch (workload) {
      case Workload.Linear w -> {
        // One item of so many rows, as a network has them.
        Tensor x =
            values(Values.input(workload, "x", (long) w.rows() * w.in()), 1, w.rows(), w.in());
        Tensor weight =
            parameter(Values.weight(workload, (long) w.out() * w.in(), w.in()), w.out(), w.in());
        Tensor bias = parameter(Values.bias(workload, w.out()), w.out());
        yield inner(t -> t.linear(weight, bias), x);
      }
      case Workload.Convolve w -> convolve(w);
      case Workload.Attend w -> attend(w);
      case Workload.GroupNormSilu w -> {
        long n = (long) w.images() * w.size() * w.size() * w.channels();
        Tensor x =
            values(Values.input(workload, "x", n), w.images(), w.size(), w.size(), w.channels());
        Tensor scale = parameter(Values.scale(workload, w.channels()), w.channels());
        Tensor shift = parameter(Values.bias(workload, w.channels()), w.channels());
        yield inner(t -> t.groupNorm(GROUPS, scale, shift, 1e-5f).silu(), x);
      }
      case Workload.LayerNorm w -> {
        Tensor x =
            values(
                Values.input(workload, "x", (long) w.rows() * w.channels()),
                w.rows(),
                w.channels());
        Tensor scale = parameter(Values.scale(workload, w.channels()), w.channels());
        Tensor shift = parameter(Values.bias(workload, w.channels()), w.channels());
        yield inner(t -> t.layerNorm(scale, shift, 1e-5f), x);
      }
      case Workload.Network w -> network(workload, w.net(), networks.folder(w.net()));
    };
  }

  private static Prepared convolve(Workload.Convolve w) {
    int k = w.kernel();
    Tensor x =
        values(
            Values.input(w, "x", (long) w.images() * w.size() * w.size() * w.in()),
            w.images(),
            w.size(),
            w.size(),
            w.in());
    Tensor weight =
        parameter(
            Values.weight(w, (long) w.out() * w.in() * k * k, w.in() * k * k),
            w.out(),
            w.in(),
            k,
            k);
    Tensor bias = parameter(Values.bias(w, w.out()), w.out());
    return inner(t -> t.conv2d(weight, bias, Window.of(w.stride(), k / 2)), x);
  }

  private static Prepared attend(Workload.Attend w) {
    int width = w.heads() * w.width();
    long queries = (long) w.images() * w.queries() * width;
    long keys = (long) w.images() * w.keys() * width;
    Tensor q = values(Values.input(w, "q", queries), w.images(), w.queries(), width);
    Tensor k = values(Values.input(w, "k", keys), w.images(), w.keys(), width);
    Tensor v = values(Values.input(w, "v", keys), w.images(), w.keys(), width);
    return new Compiled(
        inputs -> inputs.getFirst().attention(inputs.get(1), inputs.get(2), w.heads(), false),
        F2dContender::firstChannel,
        q,
        k,
        v);
  }

  private static Prepared network(Workload workload, Net net, Path folder) throws IOException {
    return switch (net) {
      case UNET -> {
        UNet2DConditionModel unet = UNet2DConditionModel.load(folder);
        Tensor sample = values(Values.input(workload, "sample", 2L * 64 * 64 * 4), 2, 64, 64, 4);
        Tensor steps = values(new float[] {801}, 1); // for both images
        Tensor text = values(Values.input(workload, "text", 2L * 77 * 768), 2, 77, 768);
        yield whole(x -> unet.forward(x.getFirst(), x.get(1), x.get(2)), sample, steps, text);
      }
      case VAE_DECODER -> {
        AutoencoderKl vae = AutoencoderKl.load(folder);
        Tensor latent = values(Values.input(workload, "latent", 64L * 64 * 4), 1, 64, 64, 4);
        yield whole(x -> vae.decode(x.getFirst()), latent);
      }
      case TEXT_ENCODER -> {
        ClipTextEncoder text = ClipTextEncoder.load(folder);
        Tensor ids = Tensor.of(Values.tokens(2), 2, 77);
        yield whole(x -> text.encode(text.embed(x.getFirst())), ids);
      }
      case MSID_VIT, IRESNET50 -> {
        IdentityEncoder encoder = IdentityEncoder.load(folder);
        int size = encoder.inputSize();
        Tensor face = values(Values.input(workload, "face", 3L * size * size), 1, size, size, 3);
        yield whole(x -> encoder.encode(x.getFirst()), face);
      }
    };
  }

  /**
   * As inside a model, the result stays in working memory: of its own it would be fresh, zeroed
   * memory at each call. Only its first channel leaves.
   */
  private static Prepared inner(UnaryOperator<Tensor> operator, Tensor x) {
    return new Compiled(inputs -> operator.apply(inputs.getFirst()), F2dContender::firstChannel, x);
  }

  private static Tensor firstChannel(Tensor t) {
    return t.slice(t.shape().rank() - 1, 0, 1);
  }

  private static Prepared whole(Function<List<Tensor>, Tensor> network, Tensor... inputs) {
    return new Compiled(network, t -> t, inputs);
  }

  private static Tensor values(float[] values, int... dims) {
    return Tensor.of(values, dims);
  }

  /** A model's parameter, which backends may prepack. */
  private static Tensor parameter(float[] values, int... dims) {
    TensorType type = TensorType.f32(Shape.of(dims));
    MemorySegment memory = Arena.ofAuto().allocate(type.bytes(), 64);
    MemorySegment.copy(values, 0, memory, ValueLayout.JAVA_FLOAT, 0, values.length);
    return Tensor.parameter(type, memory);
  }

  private static final class Compiled implements Prepared {
    private final Function<List<Tensor>, Tensor> function;
    private final CompiledFunction timed;
    private final Tensor[] inputs;

    Compiled(
        Function<List<Tensor>, Tensor> function, UnaryOperator<Tensor> kept, Tensor... inputs) {
      this.function = function;
      this.inputs = inputs;
      TensorType[] types = new TensorType[inputs.length];
      for (int i = 0; i < types.length; i++) {
        types[i] = inputs[i].type();
      }
      this.timed = CompiledFunction.of(x -> List.of(kept.apply(function.apply(x))), types);
    }

    @Override
    public void run() {
      timed.call(inputs);
    }

    @Override
    public float[] result() {
      return function.apply(List.of(inputs)).toFloats();
    }
  }
}
