package io.github.f2d4j.weights.torch;

import io.github.f2d4j.weights.torch.Pickled.Bytes;
import io.github.f2d4j.weights.torch.Pickled.Dict;
import io.github.f2d4j.weights.torch.Pickled.None;
import io.github.f2d4j.weights.torch.Pickled.Sequence;
import io.github.f2d4j.weights.torch.Pickled.Tuple;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The stack machine of pickle protocols 2 to 5, as CPython's {@code Lib/pickle.py} describes it,
 * for plain data: it makes numbers, text, lists, tuples and dicts, and hands what a pickle calls to
 * {@link Calls}. It loads no class and calls no method by name.
 *
 * <p>Opcodes that only protocols 0 and 1, the extension registry or out-of-band buffers need are
 * refused; {@code torch.save} writes none of them.
 */
final class PickleMachine {
  private static final int HIGHEST_PROTOCOL = 5;
  private static final int MAX_MEMO = 1 << 20;
  private static final int MAX_TEXT = 8 << 20;

  /** Open marks follow the nesting of the data. */
  private static final int MAX_MARKS = 1000;

  private final Faults faults;
  private final PickleInput in;
  private final PickleBudget budget;
  private final Calls calls;
  private final List<Object> stack = new ArrayList<>();
  private final List<Integer> marks = new ArrayList<>();
  private final Map<Long, Object> memo = new HashMap<>();

  PickleMachine(Faults faults, PickleInput in, PickleBudget budget, Calls calls) {
    this.faults = faults;
    this.in = in;
    this.budget = budget;
    this.calls = calls;
  }

  /** Runs until STOP; the object that is left. */
  Object run() throws TorchFormatException {
    while (true) {
      int code = in.u8();
      Opcode op = Opcode.of(code);
      if (op == null) {
        throw faults.damaged(
            "a pickle must consist of opcodes",
            String.format("byte 0x%02x before %s", code, in.where()),
            "an opcode of protocol 2 to " + HIGHEST_PROTOCOL);
      }
      if (op == Opcode.STOP) {
        Object result = pop();
        if (!stack.isEmpty()) {
          throw faults.damaged(
              "a pickle must leave one object", (stack.size() + 1) + " of them", "one");
        }
        return result;
      }
      execute(op);
    }
  }

  private void execute(Opcode op) throws TorchFormatException {
    switch (op) {
      case PROTO -> protocol(in.u8());
      case FRAME -> in.require(in.u64());
      case MARK -> mark();
      case POP -> pop();
      case POP_MARK -> popMark();
      case DUP -> push(top(), 0);
      case NONE -> push(None.NONE, 0);
      case NEWTRUE -> push(true, 0);
      case NEWFALSE -> push(false, 0);
      case BININT -> push((long) in.i32(), PickleBudget.SLOT);
      case BININT1 -> push((long) in.u8(), PickleBudget.SLOT);
      case BININT2 -> push((long) in.u16(), PickleBudget.SLOT);
      case INT, LONG -> push(in.decimal(), 4 * PickleBudget.OBJECT);
      case LONG1 -> pushInteger(in.u8());
      case LONG4 -> pushInteger(in.i32());
      case BINFLOAT -> push(in.f64(), PickleBudget.SLOT);
      case SHORT_BINUNICODE -> pushText(in.u8());
      case BINUNICODE -> pushText(in.u32());
      case BINUNICODE8 -> pushText(in.u64());
      case SHORT_BINSTRING -> pushPython2Text(in.u8());
      case BINSTRING -> pushPython2Text(in.i32());
      case SHORT_BINBYTES -> pushBytes(in.u8());
      case BINBYTES -> pushBytes(in.u32());
      case BINBYTES8, BYTEARRAY8 -> pushBytes(in.u64());
      case EMPTY_TUPLE -> push(new Tuple(List.of()), PickleBudget.OBJECT);
      case TUPLE1 -> tuple(1);
      case TUPLE2 -> tuple(2);
      case TUPLE3 -> tuple(3);
      case TUPLE -> push(new Tuple(popMark()), PickleBudget.OBJECT);
      case EMPTY_LIST, EMPTY_SET -> push(new Sequence(), 2 * PickleBudget.OBJECT);
      case LIST, FROZENSET -> sequence(popMark());
      case APPEND -> append(List.of(pop()));
      case APPENDS, ADDITEMS -> append(popMark());
      case EMPTY_DICT -> push(new Dict(false), 3 * PickleBudget.OBJECT);
      case DICT -> dict(popMark());
      case SETITEM -> setItem();
      case SETITEMS -> setItems(popMark());
      case BINGET -> get(in.u8());
      case LONG_BINGET -> get(in.u32());
      case BINPUT -> put(in.u8());
      case LONG_BINPUT -> put(in.u32());
      case MEMOIZE -> put(memo.size());
      case GLOBAL -> push(calls.global(in.line(), in.line()), 0);
      case STACK_GLOBAL -> stackGlobal();
      case BINPERSID -> push(calls.storage(pop()), 0);
      case REDUCE -> reduce();
      case NEWOBJ -> newObject();
      case OBJ -> object(popMark());
      case BUILD -> build();
      case INST -> throw refused(op, " of " + calls.global(in.line(), in.line()));
      case STOP, NEWOBJ_EX, EXT1, EXT2, EXT4 -> throw refused(op, "");
      case FLOAT, STRING, UNICODE, GET, PUT, PERSID -> throw refused(op, " of protocol 0");
      case NEXT_BUFFER, READONLY_BUFFER -> throw refused(op, " of another file");
    }
  }

  private TorchFormatException refused(Opcode op, String what) {
    return faults.unsafe(
        "torch.save does not write every opcode", op + what + " before " + in.where(), "another");
  }

  private void protocol(int protocol) throws TorchFormatException {
    if (protocol > HIGHEST_PROTOCOL) {
      throw faults.damaged(
          "the pickle must have a known protocol",
          "protocol " + protocol,
          "0 to " + HIGHEST_PROTOCOL);
    }
  }

  private void push(Object value, long cost) throws TorchFormatException {
    budget.charge(PickleBudget.SLOT + cost);
    stack.add(value);
  }

  private Object pop() throws TorchFormatException {
    requireItems(1);
    return stack.removeLast();
  }

  private Object top() throws TorchFormatException {
    requireItems(1);
    return stack.getLast();
  }

  /** What lies above the last mark, or the bottom, must be enough. */
  private void requireItems(int count) throws TorchFormatException {
    int bottom = marks.isEmpty() ? 0 : marks.getLast();
    if (stack.size() - bottom < count) {
      throw faults.damaged(
          "an opcode must find its arguments on the stack",
          (stack.size() - bottom) + " objects before " + in.where(),
          "at least " + count);
    }
  }

  private void mark() throws TorchFormatException {
    if (marks.size() == MAX_MARKS) {
      throw faults.limit(
          "the nesting of a checkpoint is limited", "more than " + MAX_MARKS + " levels", "less");
    }
    marks.add(stack.size());
  }

  private List<Object> popMark() throws TorchFormatException {
    if (marks.isEmpty()) {
      throw faults.damaged(
          "an opcode must find its mark on the stack", "none before " + in.where(), "one");
    }
    List<Object> above = stack.subList(marks.removeLast(), stack.size());
    List<Object> items = List.copyOf(above);
    above.clear();
    return items;
  }

  private void pushInteger(int bytes) throws TorchFormatException {
    push(in.integer(bytes), PickleBudget.OBJECT + bytes);
  }

  private void pushText(long bytes) throws TorchFormatException {
    charge(bytes);
    push(in.text(bytes), 0);
  }

  /** Pays for text or bytes before they are read. */
  private void charge(long bytes) throws TorchFormatException {
    in.require(bytes);
    if (bytes > MAX_TEXT) {
      throw faults.limit("text is limited", bytes + " bytes", "at most " + MAX_TEXT);
    }
    budget.charge(PickleBudget.OBJECT + 2 * bytes);
  }

  /** Python 2's {@code str}: text if it is UTF-8, otherwise bytes. */
  private void pushPython2Text(long bytes) throws TorchFormatException {
    charge(bytes);
    byte[] content = in.bytes(bytes);
    String text = PickleInput.utf8(content);
    push(text == null ? new Bytes(content) : text, 0);
  }

  private void pushBytes(long count) throws TorchFormatException {
    charge(count);
    push(new Bytes(in.bytes(count)), 0);
  }

  private void tuple(int count) throws TorchFormatException {
    requireItems(count);
    List<Object> last = stack.subList(stack.size() - count, stack.size());
    Tuple tuple = new Tuple(List.copyOf(last));
    last.clear();
    push(tuple, PickleBudget.OBJECT);
  }

  private void sequence(List<Object> items) throws TorchFormatException {
    push(new Sequence(), 2 * PickleBudget.OBJECT);
    append(items);
  }

  private void append(List<Object> items) throws TorchFormatException {
    if (!(top() instanceof Sequence sequence)) {
      throw misplaced("items are appended to", top(), "a list");
    }
    sequence.items.addAll(items);
  }

  private void dict(List<Object> items) throws TorchFormatException {
    push(new Dict(false), 3 * PickleBudget.OBJECT);
    setItems(items);
  }

  private void setItem() throws TorchFormatException {
    Object value = pop();
    setItems(List.of(pop(), value));
  }

  private void setItems(List<Object> items) throws TorchFormatException {
    if (!(top() instanceof Dict dict)) {
      throw misplaced("an item is set in", top(), "a dict");
    }
    if (items.size() % 2 != 0) {
      throw faults.damaged(
          "a dict must have a value for each key", items.size() + " objects", "an even number");
    }
    for (int i = 0; i < items.size(); i += 2) {
      calls.put(dict, items.get(i), items.get(i + 1));
    }
  }

  private void get(long index) throws TorchFormatException {
    @Nullable Object value = memo.get(index);
    if (value == null) {
      throw faults.damaged(
          "the memo must hold what is taken from it", "nothing at " + index, "an object");
    }
    push(value, 0);
  }

  private void put(long index) throws TorchFormatException {
    Object value = top();
    if (memo.put(index, value) == null) {
      budget.charge(2 * PickleBudget.OBJECT);
      if (memo.size() > MAX_MEMO) {
        throw faults.limit(
            "the memo of a pickle is limited", "more than " + MAX_MEMO + " entries", "less");
      }
    }
  }

  private void stackGlobal() throws TorchFormatException {
    Object name = pop();
    Object module = pop();
    if (!(module instanceof String m) || !(name instanceof String n)) {
      throw misplaced("a global is named by", name, "text");
    }
    push(calls.global(m, n), 0);
  }

  private void reduce() throws TorchFormatException {
    Object arguments = pop();
    push(calls.reduce(pop(), arguments), 0);
  }

  private void newObject() throws TorchFormatException {
    Object arguments = pop();
    push(calls.newObject(pop(), arguments), 0);
  }

  private void object(List<Object> items) throws TorchFormatException {
    if (items.isEmpty()) {
      throw faults.damaged("an object must have a class", "nothing", "a class");
    }
    List<Object> arguments = items.subList(1, items.size());
    push(calls.newObject(items.getFirst(), new Tuple(arguments)), 0);
  }

  private void build() throws TorchFormatException {
    Object state = pop();
    calls.build(top(), state);
  }

  private TorchFormatException misplaced(String rule, Object found, String expected) {
    return faults.damaged(rule + " " + expected, Pickled.kind(found), expected);
  }
}
