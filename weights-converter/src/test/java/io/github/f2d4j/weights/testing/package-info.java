/**
 * Reference tensors for tests: finding fixtures, reading them, comparing with them. Published as
 * this module's test jar.
 */
@NullMarked
package io.github.f2d4j.weights.testing;

import org.jspecify.annotations.NullMarked;
