/** From a photograph and landmarks to the aligned 112×112 face that identity encoders read. */
@NullMarked
package io.github.f2d4j.model.face;

import org.jspecify.annotations.NullMarked;
