/// examples/firmware/board.hpp: what the program wants of the machine that it runs on.
#pragma once

#include <cstdint>
#include <string_view>

/// The program; 0 if all is well.
int run();

/// Writes text where the developer reads it.
void write(std::string_view text);
void write_hex(std::uint64_t number);
void write_decimal(std::uint64_t number);

/// Says what the program takes of the machine's memory, where the linker knows.
void write_figures();
