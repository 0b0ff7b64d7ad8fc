/**
 * Text repair as ftfy 6.1.1 does it, and the parts of Python's text handling that the CLIP
 * tokenizers rely on. Internal to the tokenizer; see {@link io.github.f2d4j.model.text}.
 */
@NullMarked
package io.github.f2d4j.model.text.ftfy;

import org.jspecify.annotations.NullMarked;
