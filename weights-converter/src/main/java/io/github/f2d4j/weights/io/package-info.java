/** What all weight formats share: complaints about a file, and writing one without halves. */
@NullMarked
package io.github.f2d4j.weights.io;

import org.jspecify.annotations.NullMarked;
