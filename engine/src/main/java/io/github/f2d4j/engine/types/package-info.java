/** Element types and shapes. */
@NullMarked
package io.github.f2d4j.engine.types;

import org.jspecify.annotations.NullMarked;
