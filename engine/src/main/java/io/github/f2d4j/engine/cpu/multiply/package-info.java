/** What multiplies matrices, the vectors' register tile or the matrix unit, behind one seam. */
@NullMarked
package io.github.f2d4j.engine.cpu.multiply;

import org.jspecify.annotations.NullMarked;
