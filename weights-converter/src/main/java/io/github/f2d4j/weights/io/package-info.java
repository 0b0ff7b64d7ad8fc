/**
 * What all weight formats share: complaints about a file, and writing one without halves; and the
 * place of caches.
 */
@NullMarked
package io.github.f2d4j.weights.io;

import org.jspecify.annotations.NullMarked;
