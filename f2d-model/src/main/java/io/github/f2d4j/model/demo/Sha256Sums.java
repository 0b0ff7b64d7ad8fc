package io.github.f2d4j.model.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A list of files with their SHA-256, as {@code sha256sum} writes it.
 *
 * @param files the hash in hexadecimal by the file's relative path
 * @param version a name for exactly this content
 */
record Sha256Sums(Map<String, String> files, String version) {
  private static final Pattern LINE = Pattern.compile("([0-9a-f]{64})  ([A-Za-z0-9_./-]+)");
  private static final int VERSION_LENGTH = 16;
  private static final int BLOCK = 1 << 16;

  Sha256Sums {
    files = Collections.unmodifiableMap(new TreeMap<>(files));
  }

  /**
   * Parses such a list.
   *
   * @throws IllegalArgumentException if a line is malformed, or a path leads out of the folder
   */
  static Sha256Sums parse(String text) {
    Map<String, String> files = new TreeMap<>();
    for (String line : text.lines().toList()) {
      Matcher m = LINE.matcher(line);
      if (!m.matches() || m.group(2).startsWith("/") || m.group(2).contains("..")) {
        throw new IllegalArgumentException(
            "'" + line + "' is not a line '<sha256>  <relative path>' of SHA256SUMS");
      }
      files.put(m.group(2), m.group(1));
    }
    String all = hash(text.getBytes(StandardCharsets.UTF_8));
    return new Sha256Sums(files, all.substring(0, VERSION_LENGTH));
  }

  /** The hash that {@code file} must have. */
  String expected(String file) {
    String hash = files.get(file);
    if (hash == null) {
      throw new IllegalArgumentException(file + " is not listed");
    }
    return hash;
  }

  /** The hash of all that {@code in} still gives. */
  static String hash(InputStream in) throws IOException {
    MessageDigest digest = digest();
    byte[] block = new byte[BLOCK];
    for (int n = in.read(block); n >= 0; n = in.read(block)) {
      digest.update(block, 0, n);
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String hash(byte[] content) {
    try {
      return hash(new java.io.ByteArrayInputStream(content));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
