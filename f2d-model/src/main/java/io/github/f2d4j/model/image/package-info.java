/**
 * Pictures in and out: reading photographs that nobody vouches for, writing PNG files, contact
 * sheets.
 */
@NullMarked
package io.github.f2d4j.model.image;

import org.jspecify.annotations.NullMarked;
