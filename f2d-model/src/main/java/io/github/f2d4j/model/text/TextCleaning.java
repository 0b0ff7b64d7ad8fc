package io.github.f2d4j.model.text;

import io.github.f2d4j.model.text.ftfy.HtmlEntities;
import io.github.f2d4j.model.text.ftfy.PythonText;
import io.github.f2d4j.model.text.ftfy.TextFixer;

/** How a prompt is cleaned before it is split into words; see the package description. */
public enum TextCleaning {
  /**
   * The slow Hugging Face {@code CLIPTokenizer} with ftfy installed (transformers 4.30, {@code
   * tokenization_clip.py}): ftfy, white space, lower case. Special tokens written in the prompt are
   * recognized before that. ftfy's own rule still replaces HTML references that end in ";".
   */
  HUGGING_FACE,

  /**
   * OpenAI's {@code simple_tokenizer.py} (github.com/openai/CLIP, d05afc4): ftfy, then {@code
   * html.unescape} twice, white space, lower case.
   */
  OPENAI_FTFY,

  /** OpenAI's {@code simple_tokenizer.py} with {@code ftfy.fix_text} replaced by the identity. */
  OPENAI;

  /** The cleaned text: single spaces, none at the ends, lower case. */
  public String clean(String text) {
    String fixed = this == OPENAI ? text : TextFixer.fixText(text);
    if (this != HUGGING_FACE) {
      fixed = PythonText.strip(HtmlEntities.unescape(HtmlEntities.unescape(fixed)));
    }
    return PythonText.lower(PythonText.collapseWhiteSpace(fixed));
  }

  /** Whether special tokens are looked for in the prompt as it was given, before cleaning. */
  boolean setsSpecialTokensApart() {
    return this == HUGGING_FACE;
  }
}
