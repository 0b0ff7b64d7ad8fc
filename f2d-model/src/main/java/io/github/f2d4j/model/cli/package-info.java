/**
 * The command line: {@code f2d demo}, {@code generate}, {@code encode}, {@code replay}, {@code
 * doctor}.
 */
@NullMarked
package io.github.f2d4j.model.cli;

import org.jspecify.annotations.NullMarked;
