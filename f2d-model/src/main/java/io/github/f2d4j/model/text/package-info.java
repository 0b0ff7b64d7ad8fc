/**
 * The CLIP byte-pair tokenizer: prompt to token ids.
 *
 * <p>{@link io.github.f2d4j.model.text.ClipTokenizer#load} reads the files of a Hugging Face
 * tokenizer folder. CLIP's public implementations agree on ordinary prompts and differ on odd ones
 * (misread encodings, full-width forms, curly quotation marks, ligatures, decomposed accents,
 * control characters, HTML references), because they clean the text differently. All three ways are
 * here as {@link io.github.f2d4j.model.text.TextCleaning}; test fixtures hold one column of ids for
 * each:
 *
 * <table>
 *   <caption>Cleaning modes and fixture columns</caption>
 *   <tr><th>Mode</th><th>Column</th><th>Steps</th></tr>
 *   <tr><td>{@code HUGGING_FACE}, the default: Face2Diffusion uses it</td><td>{@code ids_hf}</td>
 *     <td>special tokens set apart; then, for the text between them, ftfy, white space, lower
 *     case</td></tr>
 *   <tr><td>{@code OPENAI_FTFY}</td><td>{@code ids}</td>
 *     <td>ftfy, {@code html.unescape} twice, white space, lower case</td></tr>
 *   <tr><td>{@code OPENAI}</td><td>{@code ids_no_ftfy}</td>
 *     <td>{@code html.unescape} twice, white space, lower case</td></tr>
 * </table>
 *
 * <p>Tokenizers are immutable and safe to share between threads; every step takes linear or n log n
 * time in the length of the prompt.
 */
@NullMarked
package io.github.f2d4j.model.text;

import org.jspecify.annotations.NullMarked;
