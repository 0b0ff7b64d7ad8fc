/**
 * What made a picture, written into its file, and the way back from there to the picture.
 *
 * <pre>{@code
 * GenerationResult result = pipeline.generate(words, request, GenerationListener.NONE);
 * GenerationRecord record = GenerationRecord.of(pipeline, words, result, 0);
 * PngWriter.write(Path.of("beach.png"), result.images().getFirst(), record.texts());
 * …
 * Replay replay = Replay.read(Path.of("beach.png"));
 * List<Difference> differences = replay.differences(pipeline, words);
 * }</pre>
 */
@NullMarked
package io.github.f2d4j.model.replay;

import org.jspecify.annotations.NullMarked;
