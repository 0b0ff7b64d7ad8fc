/** What the tests of several models share. */
@NullMarked
package io.github.f2d4j.model.testing;

import org.jspecify.annotations.NullMarked;
