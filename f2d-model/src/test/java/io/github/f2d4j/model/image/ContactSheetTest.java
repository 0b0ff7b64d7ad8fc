package io.github.f2d4j.model.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ContactSheetTest {
  private static RgbImage flat(int side, int value) {
    byte[] rgb = new byte[side * side * 3];
    Arrays.fill(rgb, (byte) value);
    return RgbImage.of(side, side, rgb);
  }

  private static ContactSheet sheet() {
    ContactSheet sheet = new ContactSheet(64, "reference", List.of("at the beach", "in space"));
    sheet.addRow("one", flat(64, 10), List.of(flat(64, 20), flat(16, 30)));
    sheet.addRow("two", flat(64, 40), List.of(flat(64, 50)));
    return sheet;
  }

  /** Counts the pixels of one grey value in a rectangle. */
  private static int count(RgbImage image, int value, int x, int y, int width, int height) {
    int n = 0;
    for (int v = y; v < y + height; v++) {
      for (int u = x; u < x + width; u++) {
        boolean same = true;
        for (int c = 0; c < 3; c++) {
          same &= image.get(u, v, c) == value;
        }
        n += same ? 1 : 0;
      }
    }
    return n;
  }

  @Test
  void putsEveryPictureInItsCell() {
    RgbImage image = sheet().render();
    int gap = 4;
    int left = gap + 32 + gap;
    int top = image.height() - 2 * (64 + gap);
    int[][] expected = {{10, 20, 30}, {40, 50, 0xee}};
    for (int r = 0; r < 2; r++) {
      for (int c = 0; c < 3; c++) {
        int x = left + c * (64 + gap);
        int y = top + r * (64 + gap);
        assertEquals(64 * 64, count(image, expected[r][c], x, y, 64, 64), r + " " + c);
      }
    }
    assertEquals(left + 3 * (64 + gap), image.width());
    // words stand above the columns and at the left of the rows
    for (int c = 0; c < 3; c++) {
      int x = left + c * (64 + gap);
      assertTrue(count(image, 0xff, x, 0, 64, top) < 64 * top, "header " + c);
    }
    for (int r = 0; r < 2; r++) {
      int y = top + r * (64 + gap);
      assertTrue(count(image, 0xff, 0, y, left, 64) < left * 64, "label " + r);
    }
  }

  @Test
  void isTheSameEveryTime() {
    assertEquals(sheet().render(), sheet().render());
  }

  @Test
  void refusesWhatDoesNotFit() {
    ContactSheet sheet = new ContactSheet(64, "reference", List.of("a"));
    List<RgbImage> two = List.of(flat(64, 1), flat(64, 2));
    assertThrows(IllegalArgumentException.class, () -> sheet.addRow("", flat(64, 0), two));
    assertThrows(IllegalArgumentException.class, () -> new ContactSheet(10, "r", List.of()));
    ContactSheet large = new ContactSheet(20_000, "reference", List.of("a", "b"));
    large.addRow("", flat(64, 0), List.of());
    assertThrows(IllegalStateException.class, large::render);
  }

  @Test
  void drawsEveryCharacterDifferently() {
    Set<RgbImage> seen = new HashSet<>();
    StrokeFont font = new StrokeFont(14);
    for (char c = ' '; c <= '~'; c++) {
      Canvas canvas = new Canvas(40, 40, 0xffffff);
      font.draw(canvas, String.valueOf(c), 8, 28, 0);
      RgbImage glyph = canvas.toImage();
      assertTrue(seen.add(glyph), "'" + c + "' looks like another character");
      // no glyph is larger than the font says
      assertEquals(4 * 40, count(glyph, 255, 0, 0, 4, 40), "left of '" + c + "'");
      assertEquals(40 * 3, count(glyph, 255, 0, 0, 40, 3), "above '" + c + "'");
      assertEquals(40 * 3, count(glyph, 255, 0, 37, 40, 3), "below '" + c + "'");
    }
  }

  @Test
  void drawsLettersWithAccentsAsTheirBase() {
    StrokeFont font = new StrokeFont(14);
    assertEquals(font.width("cafe \"x\""), font.width("caf\u00e9 \u201cx\u201d"));
    assertTrue(font.width("\u6f22") > 0);
  }

  @Property(tries = 100)
  void wrapsWithoutLosingWords(
      @ForAll List<@IntRange(min = 1, max = 12) Integer> lengths,
      @ForAll @IntRange(min = 30, max = 200) int width) {
    StrokeFont font = new StrokeFont(7);
    String text = String.join(" ", lengths.stream().map("w"::repeat).toList());
    List<String> lines = font.wrap(text, width);
    for (String line : lines) {
      assertTrue(font.width(line) <= width || line.length() == 1, line);
    }
    assertEquals(text.replace(" ", ""), String.join("", lines).replace(" ", ""));
  }
}
