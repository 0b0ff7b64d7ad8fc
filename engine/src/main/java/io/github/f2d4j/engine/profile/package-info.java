/** Where the time of a plan goes: profiles of threads, and events of the JDK's flight recorder. */
@NullMarked
package io.github.f2d4j.engine.profile;

import org.jspecify.annotations.NullMarked;
