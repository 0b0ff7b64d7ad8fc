/** The programs that the documentation shows; compiled, and run by their test. */
package io.github.f2d4j.model.example;
