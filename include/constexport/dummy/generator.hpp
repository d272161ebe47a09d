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

// Round number `Round` of all `I...` counters, step by step, so that a processor has independent work while it waits
// for a result; and the key that follows every fourth round. Templates and folds instead of loops: distances and places
// are then constants, and counters live in registers, even where loops are not unrolled (-O2).
template <int Round, class Word, std::size_t Many, std::size_t... I>
[[gnu::always_inline]] constexpr void threefry_round(Word (&words)[4][Many], std::array<std::uint32_t, 5> const& key,
                                                     std::index_sequence<I...>) {
  constexpr int distances[8][2] = {{10, 26}, {11, 21}, {13, 27}, {23, 5}, {6, 20}, {17, 11}, {25, 10}, {18, 20}};
  constexpr int first = distances[Round % 8][0], second = distances[Round % 8][1];
  constexpr std::size_t a = Round % 2 == 0 ? 1 : 3, b = 4 - a;
  ((words[0][I] = words[0][I] + words[a][I]), ...);
  ((words[2][I] = words[2][I] + words[b][I]), ...);
  ((words[a][I] = (words[a][I] << first) | (words[a][I] >> (32 - first))), ...);
  ((words[b][I] = (words[b][I] << second) | (words[b][I] >> (32 - second))), ...);
  ((words[a][I] = words[a][I] ^ words[0][I]), ...);
  ((words[b][I] = words[b][I] ^ words[2][I]), ...);
  if constexpr (Round % 4 == 3) {
    constexpr std::size_t turn = Round / 4 + 1;
    ((words[0][I] = words[0][I] + key[turn % 5]), ...);
    ((words[1][I] = words[1][I] + key[(turn + 1) % 5]), ...);
    ((words[2][I] = words[2][I] + key[(turn + 2) % 5]), ...);
    ((words[3][I] = words[3][I] + (key[(turn + 3) % 5] + static_cast<std::uint32_t>(turn))), ...);
  }
}

template <class Word, std::size_t Many, int... Round, std::size_t... I>
[[gnu::always_inline]] constexpr void threefry_rounds(Word (&words)[4][Many], std::array<std::uint32_t, 5> const& key,
                                                      std::integer_sequence<int, Round...>,
                                                      std::index_sequence<I...> many) {
  ((words[0][I] = words[0][I] + key[0]), ...);
  ((words[1][I] = words[1][I] + key[1]), ...);
  ((words[2][I] = words[2][I] + key[2]), ...);
  ((words[3][I] = words[3][I] + key[3]), ...);
  (threefry_round<Round>(words, key, many), ...);
}

}  // namespace detail

/// Threefry-4x32: a keyed bijection of 128-bit counters that uses additions, rotations and exclusive ors only, so that
/// it is exact in constant expressions and in every vector unit. Source: J. K. Salmon, M. A. Moraes, R. O. Dror, D. E.
/// Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC'11. Its authors know of no statistical flaw with 12 rounds
/// or more (documentation of their Random123, threefry.h). Replaces `Many` counters, one word a row, by their random
/// words; `Word` is std::uint32_t or a vector of them; `key` ends with its parity word.
template <int Rounds = 12, class Word, std::size_t Many>
[[gnu::always_inline]] constexpr void threefry(Word (&words)[4][Many], std::array<std::uint32_t, 5> const& key) {
  detail::threefry_rounds(words, key, std::make_integer_sequence<int, Rounds>{}, std::make_index_sequence<Many>{});
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
    std::uint32_t words[4][1] = {{low(number)}, {high(number)}, {plane}, {0}};
    threefry(words, key_);
    return {words[0][0], words[1][0], words[2][0], words[3][0]};
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
