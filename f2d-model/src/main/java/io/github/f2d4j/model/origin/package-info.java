/**
 * What a result comes from: the SHA-256 of every part of a model, and the version of this library.
 */
@NullMarked
package io.github.f2d4j.model.origin;

import org.jspecify.annotations.NullMarked;
