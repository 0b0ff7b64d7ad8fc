/** The network that turns an identity into two words of the text encoder. */
@NullMarked
package io.github.f2d4j.model.mapping;

import org.jspecify.annotations.NullMarked;
