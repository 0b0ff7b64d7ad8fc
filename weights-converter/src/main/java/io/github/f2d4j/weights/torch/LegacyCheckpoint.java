package io.github.f2d4j.weights.torch;

import static io.github.f2d4j.weights.io.QuotedText.quote;

import io.github.f2d4j.weights.torch.Pickled.Dict;
import io.github.f2d4j.weights.torch.Pickled.Sequence;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The format of {@code torch.save} before 1.6: five pickles (a magic number, a version, the
 * machine, the objects, the keys of the storages), then each storage as its number of elements and
 * its bytes. Upstream: {@code _legacy_save} in {@code torch/serialization.py}.
 */
final class LegacyCheckpoint {
  /** {@code MAGIC_NUMBER} of {@code torch/serialization.py}. */
  private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);

  private static final long VERSION = 1001;

  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private final Faults faults;
  private final MemorySegment file;
  private final PickleBudget budget;
  private final Calls calls;
  private long position;

  private LegacyCheckpoint(Faults faults, MemorySegment file) {
    this.faults = faults;
    this.file = file;
    this.budget = new PickleBudget(faults);
    this.calls = new Calls(faults, budget);
  }

  static CheckpointData read(Faults faults, MemorySegment file) throws TorchFormatException {
    return new LegacyCheckpoint(faults, file).read();
  }

  private CheckpointData read() throws TorchFormatException {
    if (!pickle().equals(MAGIC)) {
      throw faults.damaged(
          "a checkpoint must begin with PyTorch's magic number", "a plain pickle", "torch.save's");
    }
    Object version = pickle();
    if (!version.equals(VERSION)) {
      throw faults.damaged(
          "the checkpoint must have a known version",
          version instanceof Long ? version.toString() : Pickled.kind(version),
          "version " + VERSION);
    }
    if (!(pickle() instanceof Dict machine)
        || !Boolean.TRUE.equals(machine.items.get("little_endian"))) {
      throw faults.refuse(
          "the data must be little-endian",
          "another byte order",
          "little_endian: True",
          "Save it again on a little-endian machine");
    }
    Object root = pickle();
    Object keys = pickle();
    Map<StorageRef, StorageBytes> storages = storages(keys);
    CheckpointContent content = CheckpointContent.of(faults, budget, root);
    return new CheckpointData(content, storages, calls.globals(), "legacy");
  }

  private Object pickle() throws TorchFormatException {
    PickleInput in = new PickleInput(faults, file, position);
    Object object = new PickleMachine(faults, in, budget, calls).run();
    position = in.position();
    return object;
  }

  private Map<StorageRef, StorageBytes> storages(Object keys) throws TorchFormatException {
    Map<String, StorageRef> byKey = new HashMap<>();
    for (StorageRef storage : calls.storages()) {
      StorageRef other = byKey.putIfAbsent(storage.key(), storage);
      if (other != null
          && (other.type() != storage.type() || other.elements() != storage.elements())) {
        throw faults.damaged(
            "a storage must have one type and size",
            "two for " + quote(storage.key()),
            other.elements() + " elements of " + other.type().dtype());
      }
    }
    if (!(keys instanceof Sequence list)) {
      throw faults.damaged(
          "the keys of the storages must follow the objects", Pickled.kind(keys), "a list");
    }
    Map<String, StorageBytes> bytes = new LinkedHashMap<>();
    for (Object key : list.items) {
      StorageRef storage = key instanceof String ? byKey.get(key) : null;
      if (storage == null || bytes.containsKey(storage.key())) {
        throw faults.damaged(
            "each storage that a tensor needs must be listed once",
            key instanceof String s ? quote(s) : Pickled.kind(key),
            "another key");
      }
      bytes.put(storage.key(), next(storage));
    }
    Map<StorageRef, StorageBytes> storages = new HashMap<>();
    for (StorageRef storage : calls.storages()) {
      StorageBytes found = bytes.get(storage.key());
      if (found == null) {
        throw faults.damaged(
            "the file must hold every storage that the pickle names",
            "no " + quote(storage.key()),
            "it");
      }
      storages.put(storage, found);
    }
    return storages;
  }

  /** The storage at the reader's position. */
  private StorageBytes next(StorageRef storage) throws TorchFormatException {
    long left = file.byteSize() - position - Long.BYTES;
    if (left < 0 || storage.bytes() > left) {
      throw faults.damaged(
          "the file must hold every storage whole",
          Math.max(left, 0) + " bytes for " + quote(storage.key()),
          storage.elements() + " elements of " + storage.type().dtype());
    }
    long elements = file.get(I64, position);
    if (elements != storage.elements()) {
      throw faults.damaged(
          "a storage must have the size that the pickle says",
          Long.toUnsignedString(elements) + " elements in " + quote(storage.key()),
          storage.elements() + " of them");
    }
    MemorySegment data = file.asSlice(position + Long.BYTES, storage.bytes());
    position += Long.BYTES + storage.bytes();
    return StorageBytes.of(data);
  }
}
