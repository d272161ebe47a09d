// A Cortex-M4 without an operating system: vector table, start, and output through the debugger (Arm's semihosting).
#include "board.hpp"

#include <array>
#include <cstddef>

// The addresses of these are numbers that cortex_m4.ld computes.
extern "C" {
extern char stack_top, bss_begin, bss_end, data_begin, data_end;
extern char const data_stored;
extern char text_size, rodata_size, data_size, bss_size;
void reset();
}

namespace {

// Operations of semihosting, by Arm's numbers.
enum class request : std::uint32_t { write_text = 0x04, exit = 0x20 };

std::uint32_t ask_debugger(request what, void const* argument) {
  register auto number asm("r0") = static_cast<std::uint32_t>(what);
  register auto pointer asm("r1") = argument;
  asm volatile("bkpt 0xab" : "+r"(number) : "r"(pointer) : "memory");
  return number;
}

[[noreturn]] void stop(int status) {
  constexpr std::uint32_t program_ended = 0x20026;
  std::array<std::uint32_t, 2> const reason{program_ended, static_cast<std::uint32_t>(status)};
  ask_debugger(request::exit, reason.data());
  while (true) {
  }
}

void fault() { stop(2); }

void write_figure(std::string_view section, char const& size) {
  write(section);
  write(" ");
  write_decimal(reinterpret_cast<std::uintptr_t>(&size));
  write("\n");
}

struct vector_table {
  char* stack;
  void (*handlers[15])();
};
[[gnu::section(".vectors"), gnu::used]] vector_table const vectors{
    &stack_top,
    {reset, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault, fault}};

}  // namespace

// There are no constructors to run: the linker script refuses them.
void reset() {
  char const* stored = &data_stored;
  for (char* byte = &data_begin; byte != &data_end; ++byte) *byte = *stored++;
  for (char* byte = &bss_begin; byte != &bss_end; ++byte) *byte = 0;
  stop(run());
}

void write(std::string_view text) {
  std::array<char, 32> piece{};
  while (!text.empty()) {
    std::size_t size = 0;
    while (size + 1 < piece.size() && size < text.size()) {
      piece[size] = text[size];
      ++size;
    }
    piece[size] = '\0';
    ask_debugger(request::write_text, piece.data());
    text.remove_prefix(size);
  }
}

void write_figures() {
  write_figure(".text", text_size);
  write_figure(".rodata", rodata_size);
  write_figure(".data", data_size);
  write_figure(".bss", bss_size);
}
