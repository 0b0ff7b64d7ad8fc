/** What all fuzz tests share: the bounds within which a parser must stay. */
@NullMarked
package io.github.f2d4j.fuzz;

import org.jspecify.annotations.NullMarked;
