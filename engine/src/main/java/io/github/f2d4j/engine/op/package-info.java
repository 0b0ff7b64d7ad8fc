/** The operators: one sealed family a file, each operator a record. */
@NullMarked
package io.github.f2d4j.engine.op;

import org.jspecify.annotations.NullMarked;
