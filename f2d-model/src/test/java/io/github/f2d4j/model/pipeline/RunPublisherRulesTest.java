package io.github.f2d4j.model.pipeline;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Flow;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.opentest4j.TestAbortedException;
import org.reactivestreams.tck.TestEnvironment;
import org.reactivestreams.tck.flow.FlowPublisherVerification;
import org.testng.SkipException;
import org.testng.annotations.Test;

/**
 * The <a
 * href="https://github.com/reactive-streams/reactive-streams-jvm/blob/v1.0.4/README.md#specification">rules
 * of Reactive Streams</a>, as their authors test them.
 */
class RunPublisherRulesTest {
  private static final long TIMEOUT_MILLIS = 5_000;
  private static final long SILENCE_MILLIS = 30;

  /** Two need a publisher that fails before it is asked for anything, one another message. */
  private static final Set<String> NOT_FOR_US =
      Set.of(
          "optional_spec104_mustSignalOnErrorWhenFails",
          "required_spec109_mayRejectCallsToSubscribeIfPublisherIsUnableOrUnwillingToServeThemRejectionMustTriggerOnErrorAfterOnSubscribe",
          "optional_spec309_requestNegativeNumberMaySignalIllegalArgumentExceptionWithSpecificMessage");

  /** Rules that its authors only name. */
  private static final String UNTESTED = "untested_";

  /** Counts up; the rules do not care what is published. */
  static final class Verification extends FlowPublisherVerification<Long> {
    Verification() {
      super(new TestEnvironment(TIMEOUT_MILLIS, SILENCE_MILLIS));
    }

    @Override
    public Flow.Publisher<Long> createFlowPublisher(long elements) {
      return new RunPublisher<>(
          out -> {
            for (long i = 0; i < elements; i++) {
              out.emit(i);
            }
          },
          task -> Thread.ofPlatform().daemon().start(task),
          () -> false);
    }

    /** It fails when it is asked for items, not when it is subscribed to: nothing runs before. */
    @Override
    @SuppressWarnings("NullAway") // what the rules ask for from those that have none
    public Flow.Publisher<Long> createFailedFlowPublisher() {
      return null;
    }
  }

  @TestFactory
  List<DynamicTest> rules() {
    List<DynamicTest> rules =
        Arrays.stream(Verification.class.getMethods())
            .filter(m -> m.isAnnotationPresent(Test.class) && m.getParameterCount() == 0)
            .filter(m -> !m.getName().startsWith(UNTESTED) && !NOT_FOR_US.contains(m.getName()))
            .sorted(java.util.Comparator.comparing(Method::getName))
            .map(m -> dynamicTest(m.getName(), () -> check(m)))
            .toList();
    assertTrue(rules.size() > 20, "only " + rules.size() + " rules");
    return rules;
  }

  private static void check(Method rule) throws Throwable {
    Verification verification = new Verification();
    verification.setUp();
    try {
      rule.invoke(verification);
    } catch (InvocationTargetException e) {
      throw e.getCause() instanceof SkipException s
          ? new TestAbortedException(s.getMessage(), s)
          : e.getCause();
    }
  }
}
