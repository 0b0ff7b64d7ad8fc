/** The folders of published models: which components there are, and what lies in each. */
@NullMarked
package io.github.f2d4j.model.layout;

import org.jspecify.annotations.NullMarked;
