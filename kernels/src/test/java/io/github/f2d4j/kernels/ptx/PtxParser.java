package io.github.f2d4j.kernels.ptx;

import io.github.f2d4j.kernels.ptx.Instruction.Control;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads PTX text as nvcc writes it: entries, registers, shared memory, labels, instructions. */
public final class PtxParser {
  private static final Pattern ENTRY =
      Pattern.compile("\\.entry\\s+(\\w+)\\s*\\(([^)]*)\\)([^{]*)\\{");
  private static final Pattern PARAMETER =
      Pattern.compile("\\.param\\s+(?:\\.align\\s+\\d+\\s+)?\\.(\\w+)\\s+(\\w+)");
  private static final Pattern MAX_THREADS =
      Pattern.compile("\\.maxntid\\s+(\\d+)(?:\\s*,\\s*(\\d+))?(?:\\s*,\\s*(\\d+))?");
  private static final Pattern SHARED =
      Pattern.compile(
          "(\\.extern\\s+)?\\.shared\\s+\\.align\\s+(\\d+)\\s+\\.b8\\s+(\\w+)\\[(\\d*)\\]");
  private static final Pattern REGISTERS = Pattern.compile("(%\\w+)(?:<(\\d+)>)?");
  private static final Pattern LABEL = Pattern.compile("([$\\w]+):");

  private PtxParser() {}

  /** Reads a module. */
  public static PtxModule parse(String source) {
    String text = source.replaceAll("//[^\n]*", "");
    Map<String, SharedSymbol> shared = new LinkedHashMap<>();
    Matcher declaration = SHARED.matcher(text);
    while (declaration.find()) {
      boolean dynamic = declaration.group(1) != null;
      shared.put(
          declaration.group(3),
          new SharedSymbol(
              dynamic,
              Integer.parseInt(declaration.group(2)),
              dynamic ? 0 : Integer.parseInt(declaration.group(4))));
    }
    Map<String, PtxKernel> kernels = new LinkedHashMap<>();
    Matcher entry = ENTRY.matcher(text);
    while (entry.find()) {
      String name = entry.group(1);
      KernelScope scope = new KernelScope(shared);
      parameters(entry.group(2), scope);
      Instruction[] code = body(text, entry.end(), scope, name);
      kernels.put(name, scope.kernel(name, code, maxThreads(entry.group(3))));
    }
    if (kernels.isEmpty()) {
      throw new KernelFault(KernelFault.Kind.SYNTAX, "the PTX text has no entry");
    }
    return new PtxModule(kernels);
  }

  private static void parameters(String list, KernelScope scope) {
    Matcher parameter = PARAMETER.matcher(list);
    while (parameter.find()) {
      scope.parameter(parameter.group(2), PtxType.of(parameter.group(1)));
    }
  }

  private static int maxThreads(String directives) {
    Matcher max = MAX_THREADS.matcher(directives);
    if (!max.find()) {
      return 1024;
    }
    int threads = 1;
    for (int i = 1; i <= 3; i++) {
      threads *= max.group(i) == null ? 1 : Integer.parseInt(max.group(i));
    }
    return threads;
  }

  /** An instruction whose branch target is not known yet. */
  private record Draft(
      int guard,
      boolean negated,
      Control control,
      String label,
      Operation operation,
      String text) {}

  private static Instruction[] body(String text, int start, KernelScope scope, String kernel) {
    Map<String, Integer> labels = new HashMap<>();
    List<Draft> drafts = new ArrayList<>();
    int depth = 1;
    int at = start;
    while (true) {
      while (Character.isWhitespace(text.charAt(at))) {
        at++;
      }
      char c = text.charAt(at);
      if (c == '{') {
        scope.open();
        depth++;
        at++;
      } else if (c == '}') {
        if (--depth == 0) {
          break;
        }
        scope.close();
        at++;
      } else {
        Matcher label = LABEL.matcher(text).region(at, text.length());
        if (label.lookingAt()) {
          labels.put(label.group(1), drafts.size());
          at = label.end();
        } else {
          int end = text.indexOf(';', at);
          String statement = text.substring(at, end).replaceAll("\\s+", " ").trim();
          at = end + 1;
          statement(statement, scope, drafts);
        }
      }
    }
    Instruction[] code = new Instruction[drafts.size()];
    for (int i = 0; i < code.length; i++) {
      Draft d = drafts.get(i);
      int target = -1;
      if (d.control == Control.BRANCH) {
        Integer found = labels.get(d.label);
        if (found == null) {
          throw new KernelFault(KernelFault.Kind.SYNTAX, "no label " + d.label + " in " + kernel);
        }
        target = found;
      }
      code[i] = new Instruction(d.guard, d.negated, d.control, target, d.operation, d.text);
    }
    return code;
  }

  private static void statement(String statement, KernelScope scope, List<Draft> drafts) {
    if (statement.isEmpty() || statement.startsWith(".pragma")) {
      return;
    }
    if (statement.startsWith(".reg")) {
      Matcher names = REGISTERS.matcher(statement);
      while (names.find()) {
        scope.declare(names.group(1), names.group(2));
      }
      return;
    }
    if (statement.startsWith(".shared")) {
      return; // found by the scan of the whole text
    }
    int guard = -1;
    boolean negated = false;
    String rest = statement;
    if (rest.startsWith("@")) {
      int blank = rest.indexOf(' ');
      negated = rest.charAt(1) == '!';
      guard = scope.register(rest.substring(negated ? 2 : 1, blank));
      rest = rest.substring(blank + 1).trim();
    }
    int blank = rest.indexOf(' ');
    Mnemonic name = new Mnemonic(blank < 0 ? rest : rest.substring(0, blank));
    Operands operands = new Operands(blank < 0 ? "" : rest.substring(blank + 1), scope);
    Control control =
        switch (name.base()) {
          case "bra" -> Control.BRANCH;
          case "ret", "exit" -> Control.RETURN;
          case "bar", "barrier" -> Control.BARRIER;
          default -> Control.NEXT;
        };
    String label = control == Control.BRANCH ? operands.text(0) : "";
    Operation operation =
        control == Control.NEXT ? Decoder.decode(name, operands) : (warp, lanes) -> {};
    drafts.add(new Draft(guard, negated, control, label, operation, statement));
  }

  /** A variable in shared memory; the dynamic ones all begin where the others end. */
  record SharedSymbol(boolean dynamic, int alignment, int bytes) {}
}
