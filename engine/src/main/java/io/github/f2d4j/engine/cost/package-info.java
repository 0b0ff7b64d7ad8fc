/** How much work operators do, known from their types alone. */
@NullMarked
package io.github.f2d4j.engine.cost;

import org.jspecify.annotations.NullMarked;
