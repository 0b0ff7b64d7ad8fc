/** Plain double-precision loops for every operator: what backends are checked against. */
@NullMarked
package io.github.f2d4j.engine.reference;

import org.jspecify.annotations.NullMarked;
