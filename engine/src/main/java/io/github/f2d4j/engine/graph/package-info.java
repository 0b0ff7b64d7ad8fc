/** From lazy values to kernel calls: capture, rewrite, plan, run. */
@NullMarked
package io.github.f2d4j.engine.graph;

import org.jspecify.annotations.NullMarked;
