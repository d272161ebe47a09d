/// dummy/static_inputs.hpp: dummy inputs as constants, by name.
///
/// Room: dummy. Includes config's messages (a configuration that is a template argument is checked by the compiler),
/// fill.hpp and freestanding standard headers; no heap. Every tensor is an array of its own in .rodata, made by the
/// compiler: no code runs before or during the program's start.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/core/fixed_string.hpp>
#include <constexport/dummy/fill.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>
#include <utility>

namespace constexport {

/// The most elements of one constant: what every compiler evaluates within its default limits. Larger tensors are made
/// at run time, which is faster than loading them.
inline constexpr std::size_t max_static_elements = 32768;

namespace detail {

// The `Index`-th dummy of a configuration, as a value that can be a template's constant.
template <auto Config, setting... Sizes>
struct static_dummies {
  static constexpr std::array<setting, sizeof...(Sizes)> sizes{Sizes...};
  static constexpr bound_contract bound = Config.bind();
  static constexpr dummy_total total = count_dummies(bound, sizes);

  static constexpr auto tensors = [] {
    std::array<dummy_tensor, total.tensors> result{};
    std::size_t at = 0;
    for_each_dummy_tensor(bound, sizes, 0, shape_source::dummy, [&](dummy_tensor const& each) { result[at++] = each; });
    return result;
  }();

  static constexpr std::size_t index_of(std::string_view name) {
    std::size_t index = 0;
    while (index < tensors.size() && !(tensors[index].name == name)) ++index;
    return index;
  }

  // A piece of a tensor: compilers limit the steps of one constant, not the number of constants.
  static constexpr std::size_t piece_size = 4096;
  template <class T, std::size_t Index, std::size_t First>
  static constexpr auto piece = [] {
    constexpr std::size_t rest = tensors[Index].elements() - First;
    std::array<T, (rest < piece_size ? rest : piece_size)> result{};
    fill(std::span<T>(result), tensors[Index], First);
    return result;
  }();

  template <class T, std::size_t Index, std::size_t... Piece>
  static constexpr auto join(std::index_sequence<Piece...>) {
    std::array<T, tensors[Index].elements()> result{};
    T* out = result.data();
    auto const append = [&](auto const& part) {
      for (T const element : part) *out++ = element;
    };
    (append(piece<T, Index, Piece * piece_size>), ...);
    return result;
  }

  template <std::size_t Index>
  static constexpr auto values = join<element_of<tensors[Index].type>, Index>(
      std::make_index_sequence<(tensors[Index].elements() + piece_size - 1) / piece_size>{});
};

}  // namespace detail

/// Dummy inputs of a configuration as constants: `static_dummy_inputs<gpt2, (batch_size = 1)>.get<"input_ids">()` is
/// a `std::array` of the tensor's elements, row-major. (C++ wants the brackets around the size.) The values are those
/// of `generate_dummy_inputs` with seed 0.
template <auto Config, setting... Sizes>
class static_dummy_inputs_of {
  using dummies = detail::static_dummies<Config, Sizes...>;

 public:
  /// Number of tensors.
  static consteval std::size_t size() { return checked() ? dummies::tensors.size() : 0; }

  /// Bytes of all tensors together; a budget is `static_assert(static_dummy_inputs<gpt2>.bytes() <= 65536)`.
  static consteval std::size_t bytes() { return checked() ? dummies::total.bytes : 0; }

  /// Elements of the tensor called `Name`; `*` is replaced by the layer's number, as in the ONNX file.
  template <fixed_string Name>
  static consteval auto const& get() {
    if constexpr (checked()) {
      constexpr std::size_t index = dummies::index_of(Name.view());
      static_assert(index < dummies::tensors.size(),
                    "constexport: the configuration has no dummy input of this name; layers are numbered as in "
                    "past_key_values.0.key");
      if constexpr (index < dummies::tensors.size())
        return at<index>();
      else
        return no_elements;
    } else {
      return no_elements;
    }
  }

  /// Elements of the tensor number `Index`, in Optimum's order.
  template <std::size_t Index>
  static consteval auto const& at() {
    static_assert(dummies::tensors[Index].elements() <= max_static_elements,
                  "constexport: a constant dummy has at most 32768 elements; give smaller axis sizes, or use "
                  "generate_dummy_inputs at run time");
    if constexpr (dummies::tensors[Index].elements() <= max_static_elements)
      return dummies::template values<Index>;
    else
      return no_elements;
  }

  /// Shape of the tensor called `Name`.
  template <fixed_string Name>
  static consteval std::span<std::int64_t const> shape() {
    return dummies::tensors[dummies::index_of(Name.view())].shape.span();
  }

 private:
  static constexpr std::array<std::uint8_t, 0> no_elements{};

  static consteval bool checked() {
    if constexpr (!detail::is_right<Config>()) {
      return false;
    } else {
      static_assert(detail::no_dummy_error<dummies::total.status.error>,
                    "constexport: no dummy inputs at these axis sizes; the enumerator of dummy_error says why");
      return dummies::total.status.ok();
    }
  }
};
template <auto Config, setting... Sizes>
inline constexpr static_dummy_inputs_of<Config, Sizes...> static_dummy_inputs{};

}  // namespace constexport
