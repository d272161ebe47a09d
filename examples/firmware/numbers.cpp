// Numbers as text, without a C library.
#include "board.hpp"

#include <cstddef>

namespace {

void write_digits(std::uint64_t number, unsigned base) {
  char digits[20];
  std::size_t at = sizeof digits;
  do {
    digits[--at] = "0123456789abcdef"[number % base];
    number /= base;
  } while (number != 0);
  write({digits + at, sizeof digits - at});
}

}  // namespace

void write_hex(std::uint64_t number) { write_digits(number, 16); }
void write_decimal(std::uint64_t number) { write_digits(number, 10); }
