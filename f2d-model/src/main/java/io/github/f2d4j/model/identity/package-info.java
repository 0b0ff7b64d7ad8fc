/** Encoders of a person's identity: ArcFace-style residual networks and the vision transformer. */
@NullMarked
package io.github.f2d4j.model.identity;

import org.jspecify.annotations.NullMarked;
