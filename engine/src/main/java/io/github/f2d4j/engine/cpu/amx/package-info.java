/**
 * The matrix unit of Intel processors (AMX), reached without a native library: its few instructions
 * are assembled here, put into executable memory and called through the foreign function interface.
 * So is what runs beside its products, for vectors of 512 bits, with the same bits as in Java: it
 * need not be compiled before it is fast. Public are {@link
 * io.github.f2d4j.engine.cpu.amx.DigitTile} and {@link io.github.f2d4j.engine.cpu.amx.BfloatTile}
 * for products, {@link io.github.f2d4j.engine.cpu.amx.UnitHead} for attention, and {@code Unit…}
 * for the rest; {@code …Code} makes machine code.
 */
@NullMarked
package io.github.f2d4j.engine.cpu.amx;

import org.jspecify.annotations.NullMarked;
