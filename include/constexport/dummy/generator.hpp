/// dummy/generator.hpp: random words as a pure function of (seed, tensor, position).
///
/// Room: dummy. Includes freestanding standard headers only; no heap. values.hpp turns words into elements, wide.hpp
/// makes many words at once; both rest on the layout that is fixed here.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace constexport {

namespace detail {

// Round number `Round`, and the key that follows every fourth. A template, so that all distances and places are
// constants before the compiler decides what lives in registers.
template <int Round, class Word>
[[gnu::always_inline]] constexpr void threefry_round(Word (&counter)[4], std::array<std::uint32_t, 5> const& key) {
  constexpr int distances[8][2] = {{10, 26}, {11, 21}, {13, 27}, {23, 5}, {6, 20}, {17, 11}, {25, 10}, {18, 20}};
  constexpr int first = distances[Round % 8][0], second = distances[Round % 8][1];
  constexpr std::size_t a = Round % 2 == 0 ? 1 : 3, b = 4 - a;
  counter[0] = counter[0] + counter[a];
  counter[a] = ((counter[a] << first) | (counter[a] >> (32 - first))) ^ counter[0];
  counter[2] = counter[2] + counter[b];
  counter[b] = ((counter[b] << second) | (counter[b] >> (32 - second))) ^ counter[2];
  if constexpr (Round % 4 == 3) {
    constexpr std::size_t injection = Round / 4 + 1;
    counter[0] = counter[0] + key[injection % 5];
    counter[1] = counter[1] + key[(injection + 1) % 5];
    counter[2] = counter[2] + key[(injection + 2) % 5];
    counter[3] = counter[3] + (key[(injection + 3) % 5] + static_cast<std::uint32_t>(injection));
  }
}

template <class Word, int... Round>
[[gnu::always_inline]] constexpr void threefry_rounds(Word (&counter)[4], std::array<std::uint32_t, 5> const& key,
                                                      std::integer_sequence<int, Round...>) {
  counter[0] = counter[0] + key[0];
  counter[1] = counter[1] + key[1];
  counter[2] = counter[2] + key[2];
  counter[3] = counter[3] + key[3];
  (threefry_round<Round>(counter, key), ...);
}

}  // namespace detail

/// Threefry-4x32: a keyed bijection of 128-bit counters that uses additions, rotations and exclusive ors only, so that
/// it is exact in constant expressions and in every vector unit. Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E.
/// Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11. `Word` is std::uint32_t or a vector of them. Its authors
/// know of no statistical flaw with 12 rounds or more (documentation of their Random123, threefry.h).
template <int Rounds = 12, class Word>
[[gnu::always_inline]] constexpr void threefry(Word (&counter)[4], std::array<std::uint32_t, 5> const& key) {
  detail::threefry_rounds(counter, key, std::make_integer_sequence<int, Rounds>{});
}

/// The words of one tensor. Word number `e` belongs to element `e`.
///
/// Sixteen blocks of four words make a group of 64 words; in it, word w of the block l is number 16 * w + l. So the
/// lanes of a vector are neighbouring blocks and no vector needs a shuffle, whatever its width.
class random_words {
 public:
  static constexpr std::size_t group_size = 64;
  static constexpr std::size_t lanes = 16;

  constexpr random_words(std::uint64_t seed, std::uint64_t tensor)
      : key_{low(seed), high(seed), low(tensor), high(tensor), 0} {
    // The fifth word of the key schedule: the parity constant of Threefish with 32-bit words.
    key_[4] = 0x1BD11BDAu ^ key_[0] ^ key_[1] ^ key_[2] ^ key_[3];
  }

  /// The four words of one lane of a group. `plane` numbers independent sequences: 1 has the low halves of 64-bit
  /// words.
  constexpr std::array<std::uint32_t, 4> block(std::uint64_t group, std::size_t lane, std::uint32_t plane = 0) const {
    std::uint64_t const number = group * lanes + lane;
    std::uint32_t counter[4] = {low(number), high(number), plane, 0};
    threefry(counter, key_);
    return {counter[0], counter[1], counter[2], counter[3]};
  }

  /// Word number `index`.
  constexpr std::uint32_t word(std::uint64_t index, std::uint32_t plane = 0) const {
    std::size_t const within = static_cast<std::size_t>(index % group_size);
    return block(index / group_size, within % lanes, plane)[within / lanes];
  }

  constexpr std::array<std::uint32_t, 5> const& key() const { return key_; }

  static constexpr std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
  static constexpr std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

 private:
  std::array<std::uint32_t, 5> key_;
};

}  // namespace constexport
