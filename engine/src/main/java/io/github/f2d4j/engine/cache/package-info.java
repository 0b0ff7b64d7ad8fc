/** What was measured once and is kept for the user's next program. */
@NullMarked
package io.github.f2d4j.engine.cache;

import org.jspecify.annotations.NullMarked;
