/// config/with_past.hpp: OnnxConfigWithPast, what a decoder's key/value cache adds to a configuration.
///
/// Room: config. Includes core/ and onnx_config.hpp. A model describes its cache once, as a `cache` of entries; the
/// inputs `past_key_values.*` and the outputs `present.*` are both made of it, so that they cannot disagree.
#pragma once

#include <constexport/config/onnx_config.hpp>

#include <array>

namespace constexport {

/// Stands in a cache entry for the dimension that grows from run to run.
inline constexpr struct growing_dimension final : expression {
} growing{};

/// One tensor of a layer's cache: `cache_entry<"key", batch_size, num_attention_heads, growing, head_dim>`.
template <fixed_string Name, auto... Dims>
struct cache_entry {
  static constexpr bool grows = (std::is_same_v<expression_of<Dims>, growing_dimension> || ...);
};

/// The key/value cache of a model: `Count` layers of `Entries...`. An entry whose dummy Optimum makes with another
/// shape is `dummy_shaped<cache_entry<...>, dims...>`.
template <auto Count, class... Entries>
struct cache {};

/// The usual layout of a decoder's cache: (batch, heads, sequence, head size).
template <auto Heads, auto KeySize, auto ValueSize = KeySize>
inline constexpr cache<num_layers, cache_entry<"key", batch_size, Heads, growing, KeySize>,
                       cache_entry<"value", batch_size, Heads, growing, ValueSize>>
    decoder_cache{};
/// Grouped-query and multi-query attention: as many heads as there are key/value heads.
inline constexpr auto grouped_query_cache = decoder_cache<num_key_value_heads, head_dim>;

namespace detail {

template <fixed_string Prefix, fixed_string Name>
inline constexpr auto layered_name = [] {
  constexpr std::string_view parts[] = {Prefix.view(), ".*.", Name.view()};
  char text[Prefix.view().size() + 3 + Name.view().size() + 1]{};
  std::size_t at = 0;
  for (std::string_view const part : parts)
    for (char const c : part) text[at++] = c;
  return fixed_string(text);
}();

template <auto Dim, auto Length>
consteval auto grown() {
  if constexpr (std::is_same_v<expression_of<Dim>, growing_dimension>)
    return Length;
  else
    return Dim;
}

template <class Entry, fixed_string Prefix, auto Length, tensor_role Role>
struct cached;
template <fixed_string Name, auto... Dims, fixed_string Prefix, auto Length, tensor_role Role>
struct cached<cache_entry<Name, Dims...>, Prefix, Length, Role> {
  using type = with_role<tensor<layered_name<Prefix, Name>, dtype::float32, grown<Dims, Length>()...>, Role>;
};
template <class Entry, auto... Dims, fixed_string Prefix, auto Length, tensor_role Role>
struct cached<dummy_shaped<Entry, Dims...>, Prefix, Length, Role> {
  using type = dummy_shaped<typename cached<Entry, Prefix, Length, Role>::type, grown<Dims, Length>()...>;
};

template <fixed_string Prefix, auto Length, tensor_role Role, bool All, auto Count, class... Entries>
consteval auto cache_tensors(cache<Count, Entries...>) {
  constexpr auto kept = join([] {
    if constexpr (All || Entries::grows)
      return tensors<typename cached<Entries, Prefix, Length, Role>::type>;
    else
      return tensors<>;
  }()...);
  return []<class... T>(tensor_list<T...>) { return tensors<repeat<Count, T...>>; }(kept);
}

}  // namespace detail

/// Decoder-only models (Optimum's OnnxConfigWithPast).
template <class Derived, auto... Options>
struct OnnxConfigWithPast : OnnxConfig<Derived, Options...> {
  using base = OnnxConfig<Derived, Options...>;
  static constexpr bool has_cache = true;
  static constexpr bool has_use_cache = true;
  static constexpr bool past_in_inputs = base::template has<constexport::use_past_in_inputs>;
  static constexpr bool past_in_outputs = base::template has<constexport::use_past>;

  /// Lengths of the cache that is read, and of what one run adds to it.
  static constexpr auto past_length = past_sequence_length;
  static constexpr auto new_length = sequence_length;
  /// Entries that do not grow are only written where nothing is read (see OnnxSeq2SeqConfigWithPast).
  static constexpr bool writes_constant_entries = false;
  static constexpr auto past_key_values =
      decoder_cache<num_attention_heads, exactly(hidden_size / num_attention_heads)>;
  /// Length of the cache that is written.
  static consteval auto present_length() { return Derived::past_length + Derived::new_length; }

  /// The list with the cache appended: `past_key_values.*` for `direction::inputs`, `present.*`, longer by the new
  /// tokens, for `direction::outputs`.
  template <class List>
  static consteval auto add_past_key_values(List list, decltype(direction::inputs)) {
    return join(list, detail::cache_tensors<"past_key_values", Derived::past_length, tensor_role::past, true>(
                          Derived::past_key_values));
  }
  template <class List>
  static consteval auto add_past_key_values(List list, decltype(direction::outputs)) {
    return join(list, detail::cache_tensors<"present", Derived::present_length(), tensor_role::present,
                                            Derived::writes_constant_entries>(Derived::past_key_values));
  }

  /// The flat names of one layer's cache inputs, in the order of the nested tuples that transformers passes.
  static constexpr auto flatten_past_key_values(std::int64_t layer) {
    return []<auto Count, class... Entries>(cache<Count, Entries...>, std::int64_t number) {
      return std::array<tensor_name, sizeof...(Entries)>{tensor_name{
          detail::cached<Entries, "past_key_values", Derived::past_length, tensor_role::past>::type::name, number}...};
    }(Derived::past_key_values, layer);
  }

  // Nothing is read, so what is read has length 0, and the outputs' sums are the new tokens.
  static consteval auto fixed_axes() {
    if constexpr (past_in_outputs && !past_in_inputs)
      return normalized(Derived::past_length = 0);
    else
      return normalized();
  }
};

}  // namespace constexport
