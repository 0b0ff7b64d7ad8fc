package io.github.f2d4j.gpubundle;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectPackage;

import io.github.f2d4j.engine.backend.BackendProvider.Unavailable;
import io.github.f2d4j.engine.backend.Backends;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.DynamicTestInvocationContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.InvocationInterceptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.discovery.ClassNameFilter;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.opentest4j.TestAbortedException;

/** The models' tests against reference fixtures, on the backend that this JVM's flags choose. */
final class GoldenRun {
  private GoldenRun() {}

  /**
   * Runs them.
   *
   * @param backend what this JVM's flags choose
   * @param classes a pattern for the tests' classes
   * @param without a pattern for the names of tests that are left out
   */
  static int run(Events events, String backend, String classes, String without) {
    List<String> obstacles = obstacles(backend);
    if (!obstacles.isEmpty()) {
      events.notPossible(obstacles);
      return 0;
    }
    events.fact("backend", Backends.current().describe());
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(selectPackage("io.github.f2d4j.model"))
            .filters(ClassNameFilter.includeClassNamePatterns(classes))
            .configurationParameter("junit.jupiter.extensions.autodetection.enabled", "true")
            .configurationParameter(LeftOut.PATTERN, without)
            .build();
    Launcher launcher = LauncherFactory.create();
    Listener listener = new Listener(events);
    launcher.execute(request, listener);
    if (listener.tests == 0) {
      events.start("fixtures");
      events.fail("not one test was found on the class path");
    }
    return 0;
  }

  /** Skips the tests of a factory whose names match a pattern. */
  public static final class LeftOut implements InvocationInterceptor {
    static final String PATTERN = "f2d4j.without";

    @Override
    public void interceptDynamicTest(
        Invocation<@Nullable Void> invocation,
        DynamicTestInvocationContext test,
        ExtensionContext context)
        throws Throwable {
      String name = context.getDisplayName();
      if (name.matches(context.getConfigurationParameter(PATTERN).orElse(""))) {
        invocation.skip();
        throw new TestAbortedException("left out");
      }
      invocation.proceed();
    }
  }

  /** Why a backend is not to be had. */
  static List<String> obstacles(String backend) {
    return switch (Backends.available().get(backend)) {
      case Unavailable(List<String> reasons) -> reasons;
      case null ->
          List.of("no provider of a backend called " + backend + ": " + Backends.available());
      default -> List.of();
    };
  }

  private static final class Listener implements TestExecutionListener {
    private final Events events;
    private int tests;

    Listener(Events events) {
      this.events = events;
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
      events.start(name(test));
      events.skip(reason);
    }

    @Override
    public void executionStarted(TestIdentifier test) {
      if (test.isTest()) {
        tests++;
        events.start(name(test));
      }
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
      String message = result.getThrowable().map(Throwable::toString).orElse("");
      if (!test.isTest()) {
        // a class or factory that fails before its tests begin
        if (result.getStatus() != TestExecutionResult.Status.SUCCESSFUL) {
          events.start(name(test));
          finished(result, message);
        }
        return;
      }
      finished(result, message);
    }

    private void finished(TestExecutionResult result, String message) {
      switch (result.getStatus()) {
        case SUCCESSFUL -> events.pass();
        case ABORTED -> events.skip(message);
        case FAILED -> events.fail(message);
      }
    }

    private static String name(TestIdentifier test) {
      String id = test.getUniqueId();
      int from = id.indexOf("[class:");
      String owner = from < 0 ? "" : id.substring(from + 7, id.indexOf(']', from)) + " ";
      return owner.substring(owner.lastIndexOf('.') + 1) + test.getDisplayName();
    }
  }
}
