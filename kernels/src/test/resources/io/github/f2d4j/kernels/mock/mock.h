// A mock of one of NVIDIA's libraries: every call is written to a log with the letters of the types
// that C sees (P address, I 32 bits, J 64 bits, D double) and the values that arrived. Each file
// that includes this becomes one shared library.
#pragma once
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

typedef struct {
  char letter;
  uint64_t bits;
} mock_arg;

static mock_arg arg_i(int x) { return (mock_arg){'I', (uint32_t)x}; }
static mock_arg arg_u(unsigned x) { return (mock_arg){'I', x}; }
static mock_arg arg_l(long x) { return (mock_arg){'J', (uint64_t)x}; }
static mock_arg arg_ul(unsigned long x) { return (mock_arg){'J', x}; }
static mock_arg arg_ll(long long x) { return (mock_arg){'J', (uint64_t)x}; }
static mock_arg arg_ull(unsigned long long x) { return (mock_arg){'J', x}; }
static mock_arg arg_p(const void* x) { return (mock_arg){'P', (uint64_t)x}; }
static mock_arg arg_d(double x) {
  mock_arg a = {'D', 0};
  memcpy(&a.bits, &x, sizeof x);
  return a;
}

// The letter comes from the type of the C parameter, not from anything written here by hand.
#define A(x)                                                                              \
  _Generic((x), int: arg_i, unsigned: arg_u, long: arg_l, unsigned long: arg_ul,          \
           long long: arg_ll, unsigned long long: arg_ull, double: arg_d, default: arg_p)(x)

static char mock_text[1 << 16];
static size_t mock_length;

static void mock_write(const char* function, int count, const mock_arg* args) {
  char line[1024];
  size_t n = (size_t)snprintf(line, sizeof line, "%s ", function);
  for (int i = 0; i < count; i++) n += (size_t)snprintf(line + n, sizeof line - n, "%c", args[i].letter);
  for (int i = 0; i < count; i++)
    n += (size_t)snprintf(line + n, sizeof line - n, " %llx", (unsigned long long)args[i].bits);
  if (mock_length + n + 2 < sizeof mock_text) {
    memcpy(mock_text + mock_length, line, n);
    mock_length += n;
    mock_text[mock_length++] = '\n';
    mock_text[mock_length] = 0;
  }
}

// Numbers that a test sets by name.
static struct {
  char name[64];
  long value;
} mock_numbers[32];

static long mock_number(const char* name, long otherwise) {
  for (int i = 0; i < 32 && mock_numbers[i].name[0]; i++)
    if (!strcmp(mock_numbers[i].name, name)) return mock_numbers[i].value;
  return otherwise;
}

EXPORT const char* mock_log(void) { return mock_text; }

// Forgets all calls and numbers.
EXPORT void mock_reset(void) {
  mock_length = 0;
  mock_text[0] = 0;
  memset(mock_numbers, 0, sizeof mock_numbers);
}

EXPORT void mock_set(const char* name, long value) {
  int i = 0;
  while (mock_numbers[i].name[0] && strcmp(mock_numbers[i].name, name)) i++;
  snprintf(mock_numbers[i].name, sizeof mock_numbers[i].name, "%s", name);
  mock_numbers[i].value = value;
}

// Writes the call down. If the number "raw" is set the function then returns it and touches none of
// its arguments, so that a test can pass addresses that are none.
#define RECORD_AS(type, ...)                                     \
  do {                                                           \
    mock_arg list[] = {__VA_ARGS__};                             \
    mock_write(__func__, (int)(sizeof list / sizeof *list), list); \
    if (mock_number("raw", -1) != -1) return (type)mock_number("raw", -1); \
  } while (0)
#define RECORD(...) RECORD_AS(int, __VA_ARGS__)
#define RECORD_NOTHING(type)                                     \
  do {                                                           \
    mock_write(__func__, 0, NULL);                               \
    if (mock_number("raw", -1) != -1) return (type)mock_number("raw", -1); \
  } while (0)

// What the function called FUNCTION returns: the number of its name, if a test has set one.
#define RESULT ((int)mock_number(__func__, 0))
