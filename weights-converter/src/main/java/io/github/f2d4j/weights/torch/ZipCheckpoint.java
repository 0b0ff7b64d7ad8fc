package io.github.f2d4j.weights.torch;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The zip format of {@code torch.save} (since 1.6): {@code <name>/data.pkl} holds the objects,
 * {@code <name>/data/<key>} the bytes of each storage. Upstream: {@code
 * caffe2/serialize/inline_container.cc}, {@code torch/serialization.py}.
 */
final class ZipCheckpoint {
  private static final String PICKLE = "data.pkl";
  private static final long MAX_NOTE = 64;

  private final Faults faults;
  private final Map<String, ZipRecord> records;

  /** The storage that was inflated last: tensors mostly follow each other in one storage. */
  private volatile @Nullable Inflated latest;

  private record Inflated(ZipRecord record, MemorySegment bytes) {}

  private ZipCheckpoint(Faults faults, Map<String, ZipRecord> records) {
    this.faults = faults;
    this.records = records;
  }

  static CheckpointData read(Faults faults, MemorySegment file) throws TorchFormatException {
    return new ZipCheckpoint(faults, ZipDirectory.read(faults, file)).read();
  }

  private CheckpointData read() throws TorchFormatException {
    String folder = folder();
    if (records.containsKey(folder + "constants.pkl")) {
      throw faults.refuse(
          "the archive must come from torch.save",
          "one of torch.jit.save, a TorchScript program",
          "a checkpoint",
          "Save the state dict of the module instead");
    }
    ZipRecord order = records.get(folder + "byteorder");
    if (order != null && !note(order).equals("little")) {
      throw faults.refuse(
          "the data must be little-endian",
          quote(note(order)),
          "'little'",
          "Save it again on a little-endian machine");
    }
    MemorySegment pickle = pickle(folder);
    PickleBudget budget = new PickleBudget(faults);
    Calls calls = new Calls(faults, budget);
    PickleInput in = new PickleInput(faults, pickle, 0);
    Object root = new PickleMachine(faults, in, budget, calls).run();
    Map<StorageRef, StorageBytes> storages = new HashMap<>();
    for (StorageRef storage : calls.storages()) {
      storages.put(storage, storage(folder + "data/" + storage.key(), storage));
    }
    CheckpointContent content = CheckpointContent.of(faults, budget, root);
    return new CheckpointData(content, storages, calls.globals(), "zip");
  }

  /** The folder that all records of {@code torch.save} lie in, with its slash. */
  private String folder() throws TorchFormatException {
    List<String> found =
        records.keySet().stream()
            .filter(name -> name.endsWith("/" + PICKLE))
            .filter(name -> name.indexOf('/') == name.length() - PICKLE.length() - 1)
            .toList();
    if (found.size() != 1) {
      throw faults.damaged(
          "the archive must hold one <name>/" + PICKLE,
          found.isEmpty() ? "none" : found.size() + " of them",
          "what torch.save writes");
    }
    String name = found.getFirst();
    return name.substring(0, name.length() - PICKLE.length());
  }

  private MemorySegment pickle(String folder) throws TorchFormatException {
    ZipRecord record = Objects.requireNonNull(records.get(folder + PICKLE));
    if (record.size() > PickleInput.MAX_BYTES) {
      throw faults.limit(
          "the pickle, tensor data aside, is limited",
          record.size() + " bytes",
          "at most " + (PickleInput.MAX_BYTES >> 20) + " MiB");
    }
    return record.content(faults);
  }

  private String note(ZipRecord record) throws TorchFormatException {
    if (record.size() > MAX_NOTE) {
      throw faults.damaged(
          "a note must be short", record.size() + " bytes of " + quote(record.name()), "a word");
    }
    byte[] ascii = record.content(faults).toArray(ValueLayout.JAVA_BYTE);
    return new String(ascii, StandardCharsets.US_ASCII);
  }

  private StorageBytes storage(String name, StorageRef storage) throws TorchFormatException {
    ZipRecord record = records.get(name);
    if (record == null) {
      throw faults.damaged(
          "the archive must hold every storage that the pickle names",
          "no record " + quote(name),
          "it");
    }
    if (record.size() < storage.bytes()) {
      throw faults.damaged(
          "a storage must have the size that the pickle says",
          record.size() + " bytes in " + quote(name),
          storage.elements() + " elements of " + storage.type().dtype());
    }
    return record.deflated() ? inflating(record) : StorageBytes.of(record.data());
  }

  private StorageBytes inflating(ZipRecord record) {
    return new StorageBytes() {
      @Override
      public long size() {
        return record.size();
      }

      @Override
      public MemorySegment read() {
        return inflated(record);
      }
    };
  }

  private MemorySegment inflated(ZipRecord record) {
    Inflated known = latest;
    if (known != null && known.record.name().equals(record.name())) {
      return known.bytes;
    }
    try {
      MemorySegment bytes = record.content(faults);
      latest = new Inflated(record, bytes);
      return bytes;
    } catch (TorchFormatException e) {
      throw new UncheckedIOException(e);
    }
  }
}
