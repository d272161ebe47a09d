// The board's part on a host.
#include "board.hpp"

#include <cstdio>

void write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stdout); }
void write_figures() {}

int main() { return run(); }
