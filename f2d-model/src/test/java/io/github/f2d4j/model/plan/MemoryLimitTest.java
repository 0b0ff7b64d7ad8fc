package io.github.f2d4j.model.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The memory there is, from files as Linux has them. */
class MemoryLimitTest {
  private static final long MIB = 1 << 20;

  @TempDir Path root;

  @BeforeEach
  void machineOfEightGibibytes() throws IOException {
    file("proc/meminfo", "MemTotal:       16777216 kB\nMemAvailable:    8388608 kB\n");
    file("proc/self/status", "VmHWM:\t  300000 kB\nRssAnon:\t  102400 kB\n");
  }

  private void file(String path, String content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.writeString(file, content);
  }

  private MemoryLimit limit() {
    MemoryLimit limit = MemoryLimit.ofLinux(root);
    assertTrue(limit != null);
    return limit;
  }

  @Test
  void withoutGroupsTheMachinesAvailableMemoryAndItsOwn() throws IOException {
    file("proc/self/cgroup", "0::/\n");
    assertEquals((8192 + 100) * MIB, limit().bytes());
    assertTrue(limit().source().contains("available"), limit().source());
  }

  @Test
  void aGroupOfTheSecondVersionLeavesItsLimitLessWhatOthersUse() throws IOException {
    file("proc/self/cgroup", "0::/user/run\n");
    file("sys/fs/cgroup/user/run/memory.max", "max\n");
    file("sys/fs/cgroup/user/memory.max", String.valueOf(2048 * MIB));
    file("sys/fs/cgroup/user/memory.current", String.valueOf(900 * MIB));
    // Of the 900, 300 are file pages and 100 are its own.
    file("sys/fs/cgroup/user/memory.stat", "anon 5\ninactive_file " + 300 * MIB + "\n");
    assertEquals((2048 - 500) * MIB, limit().bytes());
    assertTrue(limit().source().contains("container"), limit().source());
  }

  @Test
  void aGroupOfTheFirstVersionAndANumberThatMeansNoLimit() throws IOException {
    file("proc/self/cgroup", "5:cpu:/x\n4:memory,hugetlb:/docker/abc\n1:name=systemd:/\n");
    // The path is the host's; inside the container the mount is the group.
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", String.valueOf(1024 * MIB));
    file("sys/fs/cgroup/memory/memory.usage_in_bytes", String.valueOf(100 * MIB));
    assertEquals(1024 * MIB, limit().bytes());
    file("sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    assertEquals((8192 + 100) * MIB, limit().bytes());
  }

  @Test
  void aPathThatLeadsOutOfTheMountIsTheMount() throws IOException {
    file("proc/self/cgroup", "0::/../../etc\n");
    file("sys/fs/cgroup/memory.max", String.valueOf(64 * MIB));
    assertEquals(64 * MIB, limit().bytes());
  }

  @Test
  void elsewhereLinuxSaysNothingAndTheMachineIsAsked() throws IOException {
    assertNull(MemoryLimit.ofLinux(root.resolve("nowhere")));
    assertTrue(MemoryLimit.ofThisMachine().bytes() > 64 * MIB);
  }
}
