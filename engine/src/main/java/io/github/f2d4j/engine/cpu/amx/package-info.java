/**
 * The matrix unit of Intel processors (AMX), reached without a native library: its few instructions
 * are assembled here, put into executable memory and called through the foreign function interface.
 */
@NullMarked
package io.github.f2d4j.engine.cpu.amx;

import org.jspecify.annotations.NullMarked;
