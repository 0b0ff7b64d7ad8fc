package io.github.f2d4j.model.text.ftfy;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The single-byte encodings that UTF-8 text is most often misread in.
 *
 * <p>Bytes 0x00 to 0x7F are ASCII everywhere; each table gives the characters of 0x80 to 0xFF, as
 * in the Unicode Consortium's mapping files (Java's own charsets are not used: two of them live in
 * an optional module, and the gaps must be filled). A <em>sloppy</em> encoding is one of Windows'
 * with its unassigned bytes read as the control characters of the same number, as web browsers do;
 * besides, its byte 0x1A stands for U+FFFD, a character that was already lost (ftfy 6.1.1, {@code
 * bad_codecs/sloppy.py}).
 */
final class SingleByteCodec {
  private static final int SUBSTITUTE = 0x1A;
  private static final char REPLACEMENT = '\uFFFD';
  private static final short UNMAPPED = -1;

  private static final String C1_CONTROLS = charRange(0x80, 0x9F);

  static final SingleByteCodec LATIN_1 = new SingleByteCodec(false, charRange(0x80, 0xFF));

  static final SingleByteCodec WINDOWS_1252 =
      new SingleByteCodec(
          true,
          "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008DŽ\u008F\u0090‘’“”•–—˜™š›œ\u009DžŸ"
              + "\u00A0¡¢£¤¥¦§¨©ª«¬\u00AD®¯°±²³´µ¶·¸¹º»¼½¾¿"
              + "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖ×ØÙÚÛÜÝÞß"
              + "àáâãäåæçèéêëìíîïðñòóôõö÷øùúûüýþÿ");

  static final SingleByteCodec WINDOWS_1251 =
      new SingleByteCodec(
          true,
          "ЂЃ‚ѓ„…†‡€‰Љ‹ЊЌЋЏђ‘’“”•–—\u0098™љ›њќћџ"
              + "\u00A0ЎўЈ¤Ґ¦§Ё©Є«¬\u00AD®Ї°±Ііґµ¶·ё№є»јЅѕї"
              + "АБВГДЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ"
              + "абвгдежзийклмнопрстуфхцчшщъыьэюя");

  static final SingleByteCodec WINDOWS_1250 =
      new SingleByteCodec(
          true,
          "€\u0081‚\u0083„…†‡\u0088‰Š‹ŚŤŽŹ\u0090‘’“”•–—\u0098™š›śťžź"
              + "\u00A0ˇ˘Ł¤Ą¦§¨©Ş«¬\u00AD®Ż°±˛ł´µ¶·¸ąş»Ľ˝ľż"
              + "ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
              + "ŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙");

  static final SingleByteCodec WINDOWS_1253 =
      new SingleByteCodec(
          true,
          "€\u0081‚ƒ„…†‡\u0088‰\u008A‹\u008C\u008D\u008E\u008F\u0090‘’“”•–—\u0098™"
              + "\u009A›\u009C\u009D\u009E\u009F"
              + "\u00A0΅Ά£¤¥¦§¨©ª«¬\u00AD®―°±²³΄µ¶·ΈΉΊ»Ό½ΎΏ"
              + "ΐΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡÒΣΤΥΦΧΨΩΪΫάέήί"
              + "ΰαβγδεζηθικλμνξοπρςστυφχψωϊϋόύώÿ");

  static final SingleByteCodec WINDOWS_1254 =
      new SingleByteCodec(
          true,
          "€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008D\u008E\u008F\u0090‘’“”•–—˜™š›œ\u009D\u009EŸ"
              + "\u00A0¡¢£¤¥¦§¨©ª«¬\u00AD®¯°±²³´µ¶·¸¹º»¼½¾¿"
              + "ÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏĞÑÒÓÔÕÖ×ØÙÚÛÜİŞß"
              + "àáâãäåæçèéêëìíîïğñòóôõö÷øùúûüışÿ");

  static final SingleByteCodec ISO_8859_2 =
      new SingleByteCodec(
          false,
          C1_CONTROLS
              + "\u00A0Ą˘Ł¤ĽŚ§¨ŠŞŤŹ\u00ADŽŻ°ą˛ł´ľśˇ¸šşťź˝žż"
              + "ŔÁÂĂÄĹĆÇČÉĘËĚÍÎĎĐŃŇÓÔŐÖ×ŘŮÚŰÜÝŢß"
              + "ŕáâăäĺćçčéęëěíîďđńňóôőö÷řůúűüýţ˙");

  static final SingleByteCodec MAC_ROMAN =
      new SingleByteCodec(
          false,
          "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü"
              + "†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø"
              + "¿¡¬√ƒ≈∆«»…\u00A0ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ"
              + "‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\uF8FFÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ");

  static final SingleByteCodec CP437 =
      new SingleByteCodec(
          false,
          "ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒ"
              + "áíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐"
              + "└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀"
              + "αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00A0");

  /** The encodings in the order they are tried: the likeliest first ({@code CHARMAP_ENCODINGS}). */
  static final List<SingleByteCodec> ALL =
      List.of(
          LATIN_1,
          WINDOWS_1252,
          WINDOWS_1251,
          WINDOWS_1250,
          WINDOWS_1253,
          WINDOWS_1254,
          ISO_8859_2,
          MAC_ROMAN,
          CP437);

  private final boolean sloppy;
  private final char[] decoded = new char[256];

  /** Byte of each character, two levels of 256; absent pages hold no character. */
  private final short[] @Nullable [] encoded = new short[256][];

  private SingleByteCodec(boolean sloppy, String upperHalf) {
    if (upperHalf.length() != 128) {
      throw new IllegalArgumentException("128 characters expected, got " + upperHalf.length());
    }
    this.sloppy = sloppy;
    for (int b = 0; b < 256; b++) {
      decoded[b] = b < 0x80 ? (char) b : upperHalf.charAt(b - 0x80);
    }
    if (sloppy) {
      decoded[SUBSTITUTE] = REPLACEMENT;
    }
    for (int b = 0; b < 256; b++) {
      char c = decoded[b];
      short[] page = encoded[c >> 8];
      if (page == null) {
        page = new short[256];
        Arrays.fill(page, UNMAPPED);
        encoded[c >> 8] = page;
      }
      page[c & 0xFF] = (short) b;
    }
  }

  /** Whether unassigned bytes pass through and U+FFFD is byte 0x1A. */
  boolean sloppy() {
    return sloppy;
  }

  /** The character of a byte (0 to 255). */
  char decode(int b) {
    return decoded[b];
  }

  /** The bytes of {@code text}, or null if it holds a character that this encoding lacks. */
  byte @Nullable [] encode(String text) {
    byte[] bytes = new byte[text.length()];
    for (int i = 0; i < bytes.length; i++) {
      char c = text.charAt(i);
      short[] page = encoded[c >> 8];
      short b = page == null ? UNMAPPED : page[c & 0xFF];
      if (b == UNMAPPED) {
        return null;
      }
      bytes[i] = (byte) b;
    }
    return bytes;
  }

  private static String charRange(int first, int last) {
    StringBuilder range = new StringBuilder();
    for (int c = first; c <= last; c++) {
      range.append((char) c);
    }
    return range.toString();
  }
}
