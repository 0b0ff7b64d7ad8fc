package io.github.f2d4j.model.text;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * CLIP's byte-pair tokenizer.
 *
 * {@snippet file = "io/github/f2d4j/model/example/TokenizerExample.java" region = "tokenize"}
 *
 * <p>Sources: github.com/openai/CLIP d05afc4, {@code clip/simple_tokenizer.py}; transformers 4.30,
 * {@code models/clip/tokenization_clip.py}. Instances are immutable and safe to share between
 * threads.
 */
public final class ClipTokenizer {
  /** The files of a tokenizer's folder, of which the last two may be absent. */
  public static final List<String> FILES =
      List.of("vocab.json", "merges.txt", "tokenizer_config.json", "special_tokens_map.json");

  /** The two words of Face2Diffusion's identifier, "f l". */
  private static final String IDENTIFIER_FIRST = "f";

  private static final String IDENTIFIER_LAST = "l";

  private final Vocabulary vocabulary;
  private final BytePairEncoder encoder;
  private final TextCleaning cleaning;
  private final int maxLength;

  /** Ids of the special tokens, by token, longest first so that the longest match wins. */
  private final Map<String, Integer> specials;

  private final int bosId;
  private final int eosId;
  private final int padId;

  private ClipTokenizer(
      Vocabulary vocabulary,
      BytePairEncoder encoder,
      TextCleaning cleaning,
      TokenizerConfig config,
      Map<String, Integer> specials) {
    this(
        vocabulary,
        encoder,
        cleaning,
        config.maxLength(),
        specials,
        required(specials, config.bos()),
        required(specials, config.eos()),
        required(specials, config.pad()));
  }

  private ClipTokenizer(
      Vocabulary vocabulary,
      BytePairEncoder encoder,
      TextCleaning cleaning,
      int maxLength,
      Map<String, Integer> specials,
      int bosId,
      int eosId,
      int padId) {
    if (maxLength < 2) {
      throw new IllegalArgumentException(
          "maximum length " + maxLength + ", but a prompt has at least a start and an end: give 2");
    }
    this.vocabulary = vocabulary;
    this.encoder = encoder;
    this.cleaning = cleaning;
    this.maxLength = maxLength;
    this.specials = specials;
    this.bosId = bosId;
    this.eosId = eosId;
    this.padId = padId;
  }

  /**
   * Reads a tokenizer folder in the layout of Hugging Face: {@code vocab.json} and {@code
   * merges.txt}, and where present {@code tokenizer_config.json} and {@code
   * special_tokens_map.json} (else the length is 77 and the special tokens are {@code
   * <|startoftext|>} and {@code <|endoftext|>}). Prompts are cleaned as {@link
   * TextCleaning#HUGGING_FACE}.
   *
   * @throws TokenizerFormatException if a file is missing or malformed
   */
  public static ClipTokenizer load(Path folder) throws IOException {
    Path vocabularyFile = folder.resolve("vocab.json");
    TokenizerConfig config = TokenizerConfig.read(folder);
    Vocabulary vocabulary = Vocabulary.read(vocabularyFile);
    Map<String, Integer> specials =
        new TreeMap<>(
            Comparator.comparingInt(String::length)
                .reversed()
                .thenComparing(Comparator.naturalOrder()));
    for (String token : List.of(config.bos(), config.eos(), config.unk(), config.pad())) {
      Integer id = vocabulary.id(token);
      if (id == null) {
        throw new TokenizerFormatException(
            vocabularyFile,
            "has no special token \"" + token + '"',
            "take all files of the folder from one model, or name the special tokens in"
                + " special_tokens_map.json");
      }
      specials.put(token, id);
    }
    BytePairEncoder encoder =
        BytePairEncoder.read(
            folder.resolve("merges.txt"), vocabulary, required(specials, config.unk()));
    return new ClipTokenizer(vocabulary, encoder, TextCleaning.HUGGING_FACE, config, specials);
  }

  private static int required(Map<String, Integer> specials, String token) {
    Integer id = specials.get(token);
    if (id == null) {
      throw new IllegalArgumentException("special token " + token + " has no id");
    }
    return id;
  }

  /** The same tokenizer with another way of cleaning. */
  public ClipTokenizer withCleaning(TextCleaning other) {
    return new ClipTokenizer(vocabulary, encoder, other, maxLength, specials, bosId, eosId, padId);
  }

  /** The same tokenizer with another maximum length, at least 2. */
  public ClipTokenizer withMaxLength(int other) {
    return new ClipTokenizer(vocabulary, encoder, cleaning, other, specials, bosId, eosId, padId);
  }

  /** How prompts are cleaned. */
  public TextCleaning cleaning() {
    return cleaning;
  }

  /** Number of ids that {@link #encode} returns. */
  public int maxLength() {
    return maxLength;
  }

  /** One more than the largest id. */
  public int vocabularySize() {
    return vocabulary.size();
  }

  /** Id of the token that begins a prompt. */
  public int bosId() {
    return bosId;
  }

  /** Id of the token that ends a prompt. */
  public int eosId() {
    return eosId;
  }

  /** Id of the token that fills up a prompt. */
  public int padId() {
    return padId;
  }

  /** The id of a vocabulary entry such as {@code "f</w>"}; empty if there is none. */
  public OptionalInt id(String token) {
    Integer id = vocabulary.id(token);
    return id == null ? OptionalInt.empty() : OptionalInt.of(id);
  }

  /** Tokenizes, cuts and pads a prompt; it never fails. */
  public TokenizedPrompt encode(String prompt) {
    int[] words = tokenize(prompt);
    int untruncated = words.length + 2;
    int kept = Math.min(words.length, maxLength - 2);
    int[] ids = new int[maxLength];
    Arrays.fill(ids, padId);
    ids[0] = bosId;
    System.arraycopy(words, 0, ids, 1, kept);
    ids[kept + 1] = eosId;
    String cut = decode(Arrays.copyOfRange(words, kept, words.length));
    return new TokenizedPrompt(prompt, ids, untruncated, cut);
  }

  /** Number of ids of the whole prompt with start and end; over {@link #maxLength} it is cut. */
  public int count(String prompt) {
    return tokenize(prompt).length + 2;
  }

  /** All ids of the prompt's words, without start, end, cut or padding. */
  public int[] tokenize(String prompt) {
    IntStream.Builder ids = IntStream.builder();
    if (!cleaning.setsSpecialTokensApart()) {
      addWords(prompt, ids);
      return ids.build().toArray();
    }
    int start = 0;
    int i = 0;
    while (i < prompt.length()) {
      String special = specialAt(prompt, i);
      if (special == null) {
        i++;
        continue;
      }
      addWords(prompt.substring(start, i), ids);
      ids.add(required(specials, special));
      i += special.length();
      start = i;
    }
    addWords(prompt.substring(start), ids);
    return ids.build().toArray();
  }

  private @Nullable String specialAt(String prompt, int i) {
    for (String special : specials.keySet()) {
      if (prompt.startsWith(special, i)) {
        return special;
      }
    }
    return null;
  }

  private void addWords(String text, IntStream.Builder ids) {
    WordSplitter.split(
        cleaning.clean(text),
        word -> {
          Integer special = WordSplitter.isSpecial(word) ? vocabulary.id(word) : null;
          if (special != null) {
            ids.add(special);
          } else {
            for (int id : encoder.encode(word)) {
              ids.add(id);
            }
          }
        });
  }

  /**
   * The text of ids: words in lower case with a space after each, without special tokens and
   * padding; bytes that are no UTF-8 become U+FFFD. Cleaning is not undone.
   *
   * @throws IllegalArgumentException if an id is not in the vocabulary
   */
  public String decode(int... ids) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int id : ids) {
      String token = vocabulary.token(id);
      if (token == null) {
        throw new IllegalArgumentException(
            "token id %d is not in the vocabulary, whose ids are 0 to %d: decode ids with the"
                    .formatted(id, vocabulary.size() - 1)
                + " tokenizer that made them");
      }
      if (specials.containsKey(token)) {
        continue;
      }
      boolean endOfWord = token.endsWith(Vocabulary.END_OF_WORD);
      int end = token.length() - (endOfWord ? Vocabulary.END_OF_WORD.length() : 0);
      ByteAlphabet.decode(token.substring(0, end), bytes);
      if (endOfWord) {
        bytes.write(' ');
      }
    }
    return bytes.toString(StandardCharsets.UTF_8).strip();
  }

  /**
   * Position in the ids of the identifier "f l", whose two embeddings the face replaces: the first
   * place where the two words stand side by side.
   *
   * @throws IdentifierNotFoundException if there is none, or only where the prompt was cut off
   */
  public int identifierPosition(TokenizedPrompt tokens) {
    return identifierPosition(tokens, IDENTIFIER_FIRST, IDENTIFIER_LAST);
  }

  /**
   * {@link #identifierPosition(TokenizedPrompt)} with other identifier words, each of which must be
   * one entry of the vocabulary.
   */
  public int identifierPosition(TokenizedPrompt tokens, String first, String last) {
    int firstId = wordId(first);
    int lastId = wordId(last);
    int[] words = Arrays.copyOfRange(tokens.ids(), 1, tokens.length() - 1);
    int found = indexOf(words, firstId, lastId);
    if (found >= 0) {
      return found + 1;
    }
    boolean cut = tokens.truncated() && indexOf(tokenize(tokens.prompt()), firstId, lastId) >= 0;
    String identifier = first + " " + last;
    throw new IdentifierNotFoundException(
        "prompt \"%s\" ".formatted(tokens.abbreviatedPrompt())
            + (cut ? beyondTheCut(tokens, identifier) : missing(identifier)));
  }

  private static int indexOf(int[] ids, int first, int last) {
    for (int i = 0; i + 1 < ids.length; i++) {
      if (ids[i] == first && ids[i + 1] == last) {
        return i;
      }
    }
    return -1;
  }

  private int wordId(String word) {
    Integer id = vocabulary.id(word + Vocabulary.END_OF_WORD);
    if (id == null) {
      throw new IllegalArgumentException(
          "identifier word \"%s\" is not one token of the vocabulary".formatted(word)
              + ": choose a lower-case word that is, such as \"f\" or \"l\"");
    }
    return id;
  }

  private static String missing(String identifier) {
    return "lacks the identifier \"%s\": write it as two words".formatted(identifier)
        + " where the person's name would stand, as in \"a photo of %s\"".formatted(identifier);
  }

  private static String beyondTheCut(TokenizedPrompt tokens, String identifier) {
    return "has %d tokens, and the identifier \"%s\" is not within the first %d that are kept"
            .formatted(tokens.untruncatedLength(), identifier, tokens.length() - 1)
        + ": move it to the front, as in \"%s reading a book\"".formatted(identifier);
  }
}
