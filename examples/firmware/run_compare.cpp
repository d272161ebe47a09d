// Runs a comparison in C on the board, and says what comes out.
#include "board.hpp"

#include <cstdint>

extern "C" int count_differences(void);

int run() {
  int const differences = count_differences();
  write_decimal(static_cast<std::uint64_t>(differences));
  write(" differences\n");
  write_figures();
  return differences == 0 ? 0 : 1;
}
