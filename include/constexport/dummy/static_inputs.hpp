/// dummy/static_inputs.hpp: dummy inputs as constants, by name.
///
/// Room: dummy. Includes config's messages (a configuration that is a template argument is checked by the compiler), fill.hpp
/// and freestanding standard headers; no heap. Every tensor is an array of its own in .rodata, made by the compiler: no
/// code runs before or during the program's start.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

#include <constexport/config/messages.hpp>
#include <constexport/core/fixed_string.hpp>
#include <constexport/dummy/fill.hpp>

namespace constexport {

/// The most elements of one constant: what every compiler evaluates within its default limits. Larger tensors are made at
/// run time, which is faster than loading them.
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

  template <std::size_t Index>
  struct filled {
    static constexpr std::size_t elements = tensors[Index].elements();
    template <class T>
    static constexpr std::array<T, elements> of(T) {
      std::array<T, elements> result{};
      fill(std::span<T>(result), tensors[Index]);
      return result;
    }
    static constexpr auto make() {
      constexpr dtype type = tensors[Index].type;
      if constexpr (type == dtype::float32) return of(float{});
      else if constexpr (type == dtype::float64) return of(double{});
      else if constexpr (type == dtype::float16) return of(float16_element{});
      else if constexpr (type == dtype::bfloat16) return of(bfloat16_element{});
      else if constexpr (type == dtype::boolean) return of(bool{});
      else if constexpr (type == dtype::int8) return of(std::int8_t{});
      else if constexpr (type == dtype::int16) return of(std::int16_t{});
      else if constexpr (type == dtype::int32) return of(std::int32_t{});
      else if constexpr (type == dtype::int64) return of(std::int64_t{});
      else if constexpr (type == dtype::uint8) return of(std::uint8_t{});
      else if constexpr (type == dtype::uint16) return of(std::uint16_t{});
      else if constexpr (type == dtype::uint32) return of(std::uint32_t{});
      else return of(std::uint64_t{});
    }
    static constexpr auto value = make();
  };
};

template <dummy_error Error>
inline constexpr bool no_dummy_error = Error == dummy_error::none;

}  // namespace detail

/// Dummy inputs of a configuration as constants: `static_dummy_inputs<gpt2, batch_size = 1>.get<"input_ids">()` is a
/// `std::array` of the tensor's elements, row-major. The values are those of `generate_dummy_inputs` with seed 0.
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
      if constexpr (index < dummies::tensors.size()) return at<index>();
      else return no_elements;
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
      return dummies::template filled<Index>::value;
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
    constexpr finding found = Config.find_problem();
    detail::report<found>();
    if constexpr (found.kind != problem::none) {
      return false;
    } else {
      constexpr dummy_error error = dummies::total.status.error;
      static_assert(detail::no_dummy_error<error>,
                    "constexport: no dummy inputs at these axis sizes; the enumerator of dummy_error says why");
      return error == dummy_error::none;
    }
  }
};
template <auto Config, setting... Sizes>
inline constexpr static_dummy_inputs_of<Config, Sizes...> static_dummy_inputs{};

}  // namespace constexport
