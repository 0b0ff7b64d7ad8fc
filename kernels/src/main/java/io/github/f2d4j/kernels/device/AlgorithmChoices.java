package io.github.f2d4j.kernels.device;

import io.github.f2d4j.engine.cache.ChoiceFile;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The algorithms of convolutions that were the fastest in trials, by GPU, driver, cuDNN and shape,
 * kept on disk: trials take seconds, and another answer would give other bits.
 */
final class AlgorithmChoices {
  private static final System.Logger LOG = System.getLogger(AlgorithmChoices.class.getName());

  private static final Pattern LINE = Pattern.compile("(.+) : (\\d{1,3}) on (.+)");

  private final ChoiceFile<Key, Integer> file;
  private final String machine;

  private record Key(String machine, String convolution) {}

  /**
   * Choices in {@code file}, which need not exist.
   *
   * @param machine GPU, driver and cuDNN in one line
   */
  AlgorithmChoices(Path file, String machine) {
    this.file = new ChoiceFile<>(file, new Lines());
    this.machine = machine.strip().replaceAll("\\s+", " ");
  }

  /** The file of this user: {@code cudnn.txt} in {@link ChoiceFile#userFolder()}. */
  static Path userFile() {
    return ChoiceFile.userFolder().resolve("cudnn.txt");
  }

  /** The number of the algorithm that was chosen, or null if none was. */
  @Nullable Integer get(ConvolutionSpec spec) {
    try {
      return file.get(key(spec));
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot read which algorithms were fastest; trying them again", e);
      return null;
    }
  }

  /** Keeps a choice; gives the one that counts, which may be that of a program before. */
  int add(ConvolutionSpec spec, int algorithm) {
    try {
      return file.add(key(spec), algorithm);
    } catch (IOException e) {
      LOG.log(Level.WARNING, "cannot keep which algorithm was fastest; it counts now only", e);
      return algorithm;
    }
  }

  private Key key(ConvolutionSpec s) {
    return new Key(
        machine,
        "%s %s %s %dx%dx%dx%d -> %d by %dx%d pad %dx%d stride %dx%d dilation %dx%d"
            .formatted(
                s.type(),
                s.layout(),
                s.math(),
                s.batch(),
                s.height(),
                s.width(),
                s.channels(),
                s.filters(),
                s.kernelHeight(),
                s.kernelWidth(),
                s.padHeight(),
                s.padWidth(),
                s.strideHeight(),
                s.strideWidth(),
                s.dilationHeight(),
                s.dilationWidth()));
  }

  private static final class Lines implements ChoiceFile.Format<Key, Integer> {
    @Override
    public String write(Key key, Integer algorithm) {
      return key.convolution() + " : " + algorithm + " on " + key.machine();
    }

    @Override
    public Map.@Nullable Entry<Key, Integer> read(String line) {
      Matcher m = LINE.matcher(line);
      return m.matches()
          ? Map.entry(new Key(m.group(3), m.group(1)), Integer.valueOf(m.group(2)))
          : null;
    }
  }
}
