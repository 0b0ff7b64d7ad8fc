/** The model that is built in: tiny, trained on drawn faces, and ready without a download. */
@NullMarked
package io.github.f2d4j.model.demo;

import org.jspecify.annotations.NullMarked;
