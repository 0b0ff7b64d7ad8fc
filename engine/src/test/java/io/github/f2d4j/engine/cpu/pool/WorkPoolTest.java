package io.github.f2d4j.engine.cpu.pool;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class WorkPoolTest {
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void runsEveryIndexOnce(int threads) {
    try (WorkPool pool = new WorkPool(threads)) {
      assertEquals(threads, pool.threads());
      for (int tasks : new int[] {0, 1, 2, 7, 1000}) {
        AtomicIntegerArray runs = new AtomicIntegerArray(tasks);
        pool.parallel(tasks, runs::incrementAndGet);
        for (int i = 0; i < tasks; i++) {
          assertEquals(1, runs.get(i), "runs of index " + i);
        }
      }
    }
  }

  @Test
  void usesAllItsThreadsAtOnce() {
    int threads = 3;
    try (WorkPool pool = new WorkPool(threads)) {
      CountDownLatch together = new CountDownLatch(threads);
      ConcurrentHashMap<Thread, Boolean> seen = new ConcurrentHashMap<>();
      pool.parallel(
          threads,
          i -> {
            seen.put(Thread.currentThread(), true);
            together.countDown();
            try {
              assertTrue(together.await(30, TimeUnit.SECONDS), "not all tasks ran side by side");
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
          });
      assertEquals(threads, seen.size());
      assertTrue(seen.containsKey(Thread.currentThread()), "the caller works too");
    }
  }

  @Test
  void wakesParkedThreadsAgainAndAgain() throws Exception {
    try (WorkPool pool = new WorkPool(4)) {
      for (int round = 0; round < 200; round++) {
        if (round % 50 == 0) {
          Thread.sleep(5); // long enough for the workers to park
        }
        AtomicInteger sum = new AtomicInteger();
        pool.parallel(10, sum::addAndGet);
        assertEquals(45, sum.get());
      }
    }
  }

  @Test
  void nests() {
    try (WorkPool pool = new WorkPool(3)) {
      AtomicInteger leaves = new AtomicInteger();
      pool.parallel(5, i -> pool.parallel(6, j -> pool.parallel(7, k -> leaves.incrementAndGet())));
      assertEquals(5 * 6 * 7, leaves.get());
    }
  }

  @Test
  void servesManyCallersAtOnce() throws Exception {
    try (WorkPool pool = new WorkPool(2)) {
      AtomicReference<Throwable> failure = new AtomicReference<>();
      List<Thread> callers = new ArrayList<>();
      for (int c = 0; c < 6; c++) {
        callers.add(
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        for (int round = 0; round < 100; round++) {
                          AtomicInteger sum = new AtomicInteger();
                          pool.parallel(20, sum::addAndGet);
                          assertEquals(190, sum.get());
                        }
                      } catch (Throwable t) {
                        failure.set(t);
                      }
                    }));
      }
      for (Thread t : callers) {
        t.join();
      }
      assertSame(null, failure.get());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 4})
  void throwsWhatABodyThrewAndStaysUsable(int threads) {
    try (WorkPool pool = new WorkPool(threads)) {
      IllegalStateException thrown = new IllegalStateException("index 3");
      IllegalStateException caught =
          assertThrows(
              IllegalStateException.class,
              () ->
                  pool.parallel(
                      100,
                      i -> {
                        if (i == 3) {
                          throw thrown;
                        }
                      }));
      assertSame(thrown, caught);
      AtomicInteger sum = new AtomicInteger();
      pool.parallel(10, sum::addAndGet);
      assertEquals(45, sum.get());
    }
  }

  @Test
  void returnsOnlyWhenNoBodyRunsAnyMoreEvenIfInterrupted() {
    try (WorkPool pool = new WorkPool(2)) {
      AtomicInteger running = new AtomicInteger();
      Thread.currentThread().interrupt();
      pool.parallel(
          4,
          i -> {
            running.incrementAndGet();
            for (long end = System.nanoTime() + 20_000_000; System.nanoTime() < end; ) {
              Thread.onSpinWait();
            }
            running.decrementAndGet();
          });
      assertEquals(0, running.get());
      assertTrue(Thread.interrupted(), "the interrupt flag is kept");
    }
  }

  @Test
  void refusesWhatItCannotDo() {
    assertThrows(IllegalArgumentException.class, () -> new WorkPool(0));
    WorkPool pool = new WorkPool(2);
    assertThrows(IllegalArgumentException.class, () -> pool.parallel(-1, i -> {}));
    pool.close();
    assertThrows(IllegalStateException.class, () -> pool.parallel(1, i -> {}));
  }

  @Test
  void readsTheThreadCount() {
    assertEquals(Runtime.getRuntime().availableProcessors(), WorkPool.threadsFrom(null));
    assertEquals(3, WorkPool.threadsFrom(" 3 "));
    for (String bad : new String[] {"0", "-1", "two", "1.5"}) {
      IllegalArgumentException e =
          assertThrows(IllegalArgumentException.class, () -> WorkPool.threadsFrom(bad));
      assertTrue(e.getMessage().contains(bad), e.getMessage());
    }
  }
}
