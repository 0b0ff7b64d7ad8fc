package io.github.f2d4j.model.image;

import java.util.ArrayList;
import java.util.List;

/**
 * A labelled table of pictures: the reference in the first column, one column per prompt with its
 * words on top, one row per person with its label at the left. Pictures are enlarged or reduced
 * smoothly to the size of a cell. The sheet looks the same on every machine; it needs no fonts.
 *
 * <pre>{@code
 * ContactSheet sheet = new ContactSheet(192, "reference", List.of("at the beach", "in space"));
 * sheet.addRow("face_2", reference, List.of(beach, space));
 * PngWriter.write(path, sheet.render());
 * }</pre>
 */
public final class ContactSheet {
  private static final int PAPER = 0xffffff;
  private static final int EMPTY = 0xeeeeee;
  private static final int INK = 0x222222;
  private static final long MAX_PIXELS = 200_000_000;

  private final int cell;
  private final List<String> headers = new ArrayList<>();
  private final List<Row> rows = new ArrayList<>();

  private record Row(String label, List<RgbImage> pictures) {}

  /**
   * An empty sheet.
   *
   * @param cell width and height of a picture on the sheet, at least 32 pixels
   * @param reference the words above the first column
   * @param prompts the words above the other columns
   */
  public ContactSheet(int cell, String reference, List<String> prompts) {
    if (cell < 32) {
      throw new IllegalArgumentException("a cell of " + cell + " pixels is below 32");
    }
    this.cell = cell;
    headers.add(reference);
    headers.addAll(prompts);
  }

  /**
   * Adds a row below the others.
   *
   * @param label the words at the left; may be empty
   * @param reference the picture of the first column
   * @param pictures one for each prompt; cells without a picture stay grey
   * @throws IllegalArgumentException if there are more pictures than prompts
   */
  public void addRow(String label, RgbImage reference, List<RgbImage> pictures) {
    if (pictures.size() > headers.size() - 1) {
      throw new IllegalArgumentException(
          pictures.size() + " pictures do not fit " + (headers.size() - 1) + " prompts");
    }
    List<RgbImage> all = new ArrayList<>();
    all.add(reference);
    all.addAll(pictures);
    rows.add(new Row(label, all));
  }

  /**
   * Draws the sheet.
   *
   * @throws IllegalStateException if it would have more than 200 million pixels
   */
  public RgbImage render() {
    StrokeFont font = new StrokeFont(Math.max(7, cell / 18.0));
    int gap = Math.max(4, cell / 16);
    boolean labelled = rows.stream().anyMatch(row -> !row.label().isBlank());
    int labelWidth = labelled ? cell / 2 : 0;
    int left = gap + (labelled ? labelWidth + gap : 0);
    int headerLines = headers.stream().mapToInt(h -> font.wrap(h, cell).size()).max().orElseThrow();
    int top = gap + headerLines * font.lineHeight() + gap / 2;
    long width = left + (long) headers.size() * (cell + gap);
    long height = top + (long) rows.size() * (cell + gap) + (rows.isEmpty() ? gap : 0);
    if (width > MAX_PIXELS || height > MAX_PIXELS || width * height > MAX_PIXELS) {
      throw new IllegalStateException(
          "a sheet of "
              + width
              + " x "
              + height
              + " pixels is too large; use fewer pictures or smaller cells");
    }
    Canvas canvas = new Canvas((int) width, (int) height, PAPER);
    for (int c = 0; c < headers.size(); c++) {
      List<String> lines = font.wrap(headers.get(c), cell);
      int bottom = top - gap / 2;
      text(
          canvas,
          font,
          lines,
          left + c * (cell + gap),
          cell,
          bottom - lines.size() * font.lineHeight());
    }
    for (int r = 0; r < rows.size(); r++) {
      int y = top + r * (cell + gap);
      List<String> lines = font.wrap(rows.get(r).label(), labelWidth);
      int textTop = y + (cell - lines.size() * font.lineHeight()) / 2;
      text(canvas, font, lines, gap, labelWidth, Math.max(y, textTop));
      for (int c = 0; c < headers.size(); c++) {
        picture(canvas, rows.get(r).pictures(), c, left + c * (cell + gap), y);
      }
    }
    return canvas.toImage();
  }

  /** Lines centred in a column. */
  private static void text(
      Canvas canvas, StrokeFont font, List<String> lines, int x, int width, int top) {
    double baseline = top + (font.lineHeight() + font.capitalHeight()) / 2;
    for (String line : lines) {
      font.draw(canvas, line, x + (width - font.width(line)) / 2, baseline, INK);
      baseline += font.lineHeight();
    }
  }

  private void picture(Canvas canvas, List<RgbImage> pictures, int index, int x, int y) {
    if (index >= pictures.size()) {
      canvas.fill(x, y, cell, cell, EMPTY);
      return;
    }
    RgbImage fitted = Resampler.fit(pictures.get(index), cell);
    if (fitted.width() != cell || fitted.height() != cell) {
      canvas.fill(x, y, cell, cell, EMPTY);
    }
    canvas.put(fitted, x + (cell - fitted.width()) / 2, y + (cell - fitted.height()) / 2);
  }
}
