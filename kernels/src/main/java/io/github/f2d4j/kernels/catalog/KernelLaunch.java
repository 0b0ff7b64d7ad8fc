package io.github.f2d4j.kernels.catalog;

import java.util.ArrayList;
import java.util.List;

/**
 * Everything {@code cuLaunchKernel} wants to know.
 *
 * @param module the PTX file that holds the kernel, without folder and ending; see {@link PtxSet}
 * @param entry the kernel's name
 * @param sharedBytes dynamic shared memory. More than 48 KB must first be allowed by {@code
 *     CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES}
 * @param arguments in the order of the kernel's parameters
 */
public record KernelLaunch(
    String module, String entry, Dim3 grid, Dim3 block, int sharedBytes, List<Argument> arguments) {
  /** Keeps an unmodifiable copy. */
  public KernelLaunch {
    arguments = List.copyOf(arguments);
  }

  /** A launch whose arguments are long (addresses), int, boolean (0 or 1) or float. */
  static KernelLaunch of(
      String module, String entry, Dim3 grid, Dim3 block, int sharedBytes, Object... arguments) {
    List<Argument> list = new ArrayList<>();
    for (Object argument : arguments) {
      list.add(
          switch (argument) {
            case Argument a -> a;
            case Long address -> new Argument.Address(address);
            case Integer number -> new Argument.Int32(number);
            case Boolean flag -> new Argument.Int32(flag ? 1 : 0);
            case Float number -> new Argument.Float32(number);
            default -> throw new IllegalArgumentException("no kernel argument: " + argument);
          });
    }
    return new KernelLaunch(module, entry, grid, block, sharedBytes, list);
  }
}
