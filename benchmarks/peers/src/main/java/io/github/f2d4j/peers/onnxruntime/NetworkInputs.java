package io.github.f2d4j.peers.onnxruntime;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.TensorInfo;
import io.github.f2d4j.benchmarks.compare.Net;
import io.github.f2d4j.benchmarks.compare.UnsupportedWorkloadException;
import io.github.f2d4j.benchmarks.compare.Values;
import io.github.f2d4j.benchmarks.compare.Workload;
import io.github.f2d4j.peers.onnxruntime.OnnxRuntimeContender.Input;
import java.util.LinkedHashMap;
import java.util.Map;

/** What a network's file is fed with: its inputs are told apart by their rank. */
final class NetworkInputs {
  private NetworkInputs() {}

  static Map<String, Input> of(Workload workload, Net net, Map<String, NodeInfo> infos) {
    Map<String, Input> inputs = new LinkedHashMap<>();
    infos.forEach(
        (name, info) -> {
          int rank = ((TensorInfo) info.getInfo()).getShape().length;
          inputs.put(name, input(workload, net, name, rank));
        });
    return inputs;
  }

  private static Input input(Workload workload, Net net, String name, int rank) {
    return switch (net) {
      case UNET ->
          switch (rank) {
            case 4 -> image(workload, "sample", 2, 64, 4);
            case 3 -> Input.of(Values.input(workload, "text", 2L * 77 * 768), 2, 77, 768);
            case 2 -> Input.of(Values.sinusoids(new float[] {801, 801}, 320), 2, 320);
            case 1 -> Input.of(new float[] {801, 801}, 2);
            case 0 -> Input.of(new float[] {801});
            default -> throw unknown(name, rank);
          };
      case VAE_DECODER -> image(workload, "latent", 1, 64, 4);
      case TEXT_ENCODER -> Input.of(Values.tokens(2), 2, 77);
      case MSID_VIT, IRESNET50 -> image(workload, "face", 1, 112, 3);
    };
  }

  private static UnsupportedWorkloadException unknown(String name, int rank) {
    return new UnsupportedWorkloadException(
        "input " + name + " of rank " + rank + " is not one of a denoiser's");
  }

  private static Input image(Workload workload, String name, int n, int size, int channels) {
    float[] values = Values.input(workload, name, (long) n * size * size * channels);
    return Input.of(channelsFirst(values, n, size * size, channels), n, channels, size, size);
  }

  /** [n,pixels,channels] → [n,channels,pixels]. */
  static float[] channelsFirst(float[] values, int n, int pixels, int channels) {
    float[] result = new float[values.length];
    for (int i = 0; i < n; i++) {
      int base = i * pixels * channels;
      for (int p = 0; p < pixels; p++) {
        for (int c = 0; c < channels; c++) {
          result[base + c * pixels + p] = values[base + p * channels + c];
        }
      }
    }
    return result;
  }

  /** NCHW of these dimensions → NHWC. */
  static float[] channelsLast(float[] values, long[] dims) {
    int pixels = Math.toIntExact(dims[2] * dims[3]);
    return channelsFirst(values, (int) dims[0], (int) dims[1], pixels);
  }
}
