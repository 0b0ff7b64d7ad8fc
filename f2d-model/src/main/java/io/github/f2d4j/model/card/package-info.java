/**
 * Identity cards: what a model knows of a face, in a small file.
 *
 * <pre>{@code
 * IdentityCard card = IdentityCard.of(pipeline, identity, List.of("anna.jpg"));
 * card.write(Path.of("anna.safetensors"));
 * …
 * FaceIdentity anna =
 *     IdentityCard.read(Path.of("anna.safetensors")).identityFor(pipeline, "Anna's card");
 * }</pre>
 */
@NullMarked
package io.github.f2d4j.model.card;

import org.jspecify.annotations.NullMarked;
