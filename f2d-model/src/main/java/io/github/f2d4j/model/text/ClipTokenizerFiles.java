package io.github.f2d4j.model.text;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The tokenizer of CLIP ViT-L/14, which every Stable Diffusion 1.x model uses, as the files of a
 * {@code tokenizer} folder: for checkpoints that come without one. The merges are OpenAI's (<a
 * href="https://github.com/openai/CLIP/tree/d05afc436d78f1c48dc0dbf8e5980a9d471f35f6">CLIP</a>, MIT
 * licence); the vocabulary follows from them.
 */
public final class ClipTokenizerFiles {
  private static final String MERGES = "clip/merges.txt";
  private static final String END_OF_WORD = "</w>";
  private static final String BOS = "<|startoftext|>";
  private static final String EOS = "<|endoftext|>";

  private ClipTokenizerFiles() {}

  /**
   * The files by name: {@code vocab.json}, {@code merges.txt} and {@code tokenizer_config.json}.
   */
  public static Map<String, byte[]> all() {
    byte[] merges = merges();
    ObjectMapper json = new ObjectMapper();
    ObjectNode config = json.createObjectNode();
    config.put("tokenizer_class", "CLIPTokenizer").put("model_max_length", 77);
    config.put("bos_token", BOS).put("eos_token", EOS);
    config.put("unk_token", EOS).put("pad_token", EOS);
    ObjectNode vocabulary = json.createObjectNode();
    for (String token : tokens(new String(merges, StandardCharsets.UTF_8))) {
      vocabulary.put(token, vocabulary.size());
    }
    Map<String, byte[]> files = new LinkedHashMap<>();
    files.put("vocab.json", vocabulary.toString().getBytes(StandardCharsets.UTF_8));
    files.put("merges.txt", merges);
    files.put(
        "tokenizer_config.json", (config.toPrettyString() + "\n").getBytes(StandardCharsets.UTF_8));
    return files;
  }

  /**
   * All tokens in the order of their ids: the bytes (printable ones first), the same at the end of
   * a word, what each merge makes, start and end. {@code clip/simple_tokenizer.py}.
   */
  private static List<String> tokens(String merges) {
    List<String> bytes = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (int b = 0; b < 256; b++) {
      char c = ByteAlphabet.character(b);
      (c < 0x100 ? bytes : others).add(String.valueOf(c));
    }
    bytes.addAll(others);
    List<String> tokens = new ArrayList<>(bytes);
    bytes.forEach(b -> tokens.add(b + END_OF_WORD));
    // The first line is the format's version.
    merges.lines().skip(1).filter(m -> !m.isBlank()).forEach(m -> tokens.add(m.replace(" ", "")));
    tokens.add(BOS);
    tokens.add(EOS);
    return tokens;
  }

  private static byte[] merges() {
    try (InputStream in = ClipTokenizerFiles.class.getResourceAsStream(MERGES)) {
      if (in == null) {
        throw new IllegalStateException("resource " + MERGES + " is missing from the jar");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
