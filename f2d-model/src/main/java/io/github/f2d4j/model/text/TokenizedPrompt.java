package io.github.f2d4j.model.text;

/**
 * A prompt as token ids, cut and padded to the model's length.
 *
 * <p>{@code ids} is [bos, words..., eos, pad...]; a prompt that is too long keeps its first {@code
 * maxLength - 1} ids (bos among them), then eos.
 */
public final class TokenizedPrompt {
  private static final int SHOWN = 200;

  private final String prompt;
  private final int[] ids;
  private final int untruncatedLength;
  private final String truncatedText;

  TokenizedPrompt(String prompt, int[] ids, int untruncatedLength, String truncatedText) {
    this.prompt = prompt;
    this.ids = ids;
    this.untruncatedLength = untruncatedLength;
    this.truncatedText = truncatedText;
  }

  /** The prompt as it was given. */
  public String prompt() {
    return prompt;
  }

  /** The ids, a fresh array of the tokenizer's maximum length. */
  public int[] ids() {
    return ids.clone();
  }

  /** Number of ids before the padding, bos and eos included. */
  public int length() {
    return Math.min(untruncatedLength, ids.length);
  }

  /** Number of ids, bos and eos included, that the whole prompt would have. */
  public int untruncatedLength() {
    return untruncatedLength;
  }

  /** Whether words were cut off because the prompt is too long. */
  public boolean truncated() {
    return untruncatedLength > ids.length;
  }

  /** The words that were cut off (cleaned, lower case), for a warning; empty if none were. */
  public String truncatedText() {
    return truncatedText;
  }

  /** The prompt for messages: its beginning if it is very long. */
  String abbreviatedPrompt() {
    return prompt.length() <= SHOWN ? prompt : prompt.substring(0, SHOWN) + "...";
  }

  @Override
  public String toString() {
    return "TokenizedPrompt[\"%s\", %d of %d ids%s]"
        .formatted(abbreviatedPrompt(), length(), ids.length, truncated() ? ", cut" : "");
  }
}
