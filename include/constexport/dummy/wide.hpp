/// dummy/wide.hpp: whole groups of elements at once, in vector registers.
///
/// Room: dummy. Includes generator.hpp and values.hpp; no other header: vectors are the compilers' own (vector_size),
/// so that a plain -O2 uses them on every processor. Only fill.hpp includes it, for run time; the bytes are those that
/// random_words and grid give one by one.
#pragma once

#include <constexport/dummy/generator.hpp>
#include <constexport/dummy/values.hpp>

namespace constexport::detail {

template <std::size_t Bytes>
struct vector_of {
  using words [[gnu::vector_size(Bytes)]] = std::uint32_t;
  using integers [[gnu::vector_size(Bytes)]] = std::int32_t;
  using floats [[gnu::vector_size(Bytes)]] = float;
  using shorts [[gnu::vector_size(Bytes / 2)]] = std::uint16_t;
};

/// What becomes of a vector of words: stored as it is.
struct store_words {
  template <std::size_t Bytes, class Words>
  [[gnu::always_inline]] void operator()(Words const& words, std::uint32_t* out) const {
    __builtin_memcpy(out, &words, Bytes);
  }
};

/// ... or turned into the points of a real grid whose size is a power of two.
template <class T>
struct store_reals {
  int shift;  // number of the point: the upper bits of a word
  std::int32_t first;
  float step;

  template <std::size_t Bytes, class Words>
  [[gnu::always_inline]] void operator()(Words const& words, T* out) const {
    using vector = vector_of<Bytes>;
    auto const points = (typename vector::integers)(words >> shift) + first;
    auto const floats = __builtin_convertvector(points, typename vector::floats) * step;
    if constexpr (std::is_same_v<T, float>) {
      __builtin_memcpy(out, &floats, Bytes);
    } else {
      Words bits = (Words)floats;
      if constexpr (std::is_same_v<T, float16_element>)
        to_float16(bits);
      else
        bits = bits >> 16;
      auto const shorts = __builtin_convertvector(bits, typename vector::shorts);
      __builtin_memcpy(out, &shorts, Bytes / 2);
    }
  }
};

// A group has 16 lanes: all its vectors are made together.
template <std::size_t Bytes, class Store, class T, std::size_t... I>
[[gnu::always_inline]] inline void draw_groups(random_words const& source, std::uint64_t group, std::uint64_t count,
                                               std::uint32_t plane, Store const& store, T* out,
                                               std::index_sequence<I...>) {
  using vector = typename vector_of<Bytes>::words;
  constexpr std::size_t width = Bytes / 4;
  std::array<std::uint32_t, 5> const key = source.key();
  vector lane{};
  for (std::size_t i = 0; i < width; ++i) lane[i] = static_cast<std::uint32_t>(i);
  for (std::uint64_t const last = group + count; group < last; ++group, out += random_words::group_size) {
    std::uint64_t const first = group * random_words::lanes;
    vector words[4][sizeof...(I)]{};
    ((words[0][I] = lane + (random_words::low(first) + static_cast<std::uint32_t>(I * width))), ...);
    ((words[1][I] += random_words::high(first)), ...);
    ((words[2][I] += plane), ...);
    threefry(words, key);
    (store.template operator()<Bytes>(words[0][I], out + I * width), ...);
    (store.template operator()<Bytes>(words[1][I], out + random_words::lanes + I * width), ...);
    (store.template operator()<Bytes>(words[2][I], out + 2 * random_words::lanes + I * width), ...);
    (store.template operator()<Bytes>(words[3][I], out + 3 * random_words::lanes + I * width), ...);
  }
}

template <std::size_t Bytes, class Store, class T>
[[gnu::always_inline]] inline void draw_groups(random_words const& source, std::uint64_t group, std::uint64_t count,
                                               std::uint32_t plane, Store const& store, T* out) {
  draw_groups<Bytes>(source, group, count, plane, store, out,
                     std::make_index_sequence<random_words::lanes * 4 / Bytes>{});
}

#if defined(__x86_64__) && __STDC_HOSTED__
#define CONSTEXPORT_WIDER_VECTORS 1
template <class Store, class T>
[[gnu::target("avx2")]] void draw_groups_avx2(random_words const& source, std::uint64_t group, std::uint64_t count,
                                              std::uint32_t plane, Store const& store, T* out) {
  draw_groups<32>(source, group, count, plane, store, out);
}
template <class Store, class T>
[[gnu::target("avx512f,avx512vl")]] void draw_groups_avx512(random_words const& source, std::uint64_t group,
                                                            std::uint64_t count, std::uint32_t plane,
                                                            Store const& store, T* out) {
  draw_groups<64>(source, group, count, plane, store, out);
}
#endif

/// `count` groups of elements from `group` on, written to `out` by `store`, with the widest vectors of this processor.
template <class Store, class T>
void draw(random_words const& source, std::uint64_t group, std::uint64_t count, std::uint32_t plane, Store const& store,
          T* out) {
#ifdef CONSTEXPORT_WIDER_VECTORS
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl"))
    return draw_groups_avx512(source, group, count, plane, store, out);
  if (__builtin_cpu_supports("avx2")) return draw_groups_avx2(source, group, count, plane, store, out);
#endif
  draw_groups<16>(source, group, count, plane, store, out);
}

}  // namespace constexport::detail
