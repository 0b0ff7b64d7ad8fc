/** The encoder of facial expressions: coefficients of a three-dimensional face model. */
@NullMarked
package io.github.f2d4j.model.expression;

import org.jspecify.annotations.NullMarked;
