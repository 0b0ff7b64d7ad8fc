/** Model configurations as checkpoints carry them. */
@NullMarked
package io.github.f2d4j.model.config;

import org.jspecify.annotations.NullMarked;
