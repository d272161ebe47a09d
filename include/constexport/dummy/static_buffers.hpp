/// dummy/static_buffers.hpp: memory for all inputs and outputs of a configuration at fixed axis sizes.
///
/// Room: dummy. Includes config's messages (a configuration that is a template argument is checked by the compiler),
/// fill.hpp and freestanding standard headers; no heap. For programs whose memory is known when they are linked: an
/// object of static storage lies in .bss, its size is a constant.
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

/// One choice for `static_buffers`: the size of an axis, `aligned_to<64>` or `budget<65536>`.
struct buffer_option {
  setting size{};
  std::size_t alignment = 0;  ///< 0: not this option's matter
  std::size_t budget = 0;     ///< 0: likewise

  constexpr buffer_option() = default;
  // Implicit: the list of options mixes sizes, which are bindings, with the others.
  template <class S>
  constexpr buffer_option(binding<S> const& given) : size(given) {}
};

/// Every tensor begins at a multiple of `Bytes`, a power of two.
template <std::size_t Bytes>
  requires(Bytes != 0 && (Bytes & (Bytes - 1)) == 0)
inline constexpr buffer_option aligned_to = [] {
  buffer_option result;
  result.alignment = Bytes;
  return result;
}();

/// The compiler refuses buffers of more than `Bytes`.
template <std::size_t Bytes>
  requires(Bytes != 0)
inline constexpr buffer_option budget = [] {
  buffer_option result;
  result.budget = Bytes;
  return result;
}();

namespace detail {

// What the options say together.
template <std::size_t Count>
struct buffer_choices {
  std::array<setting, Count> sizes{};  // size_axes passes over settings without a symbol
  std::size_t alignment = 16;
  std::size_t budget = static_cast<std::size_t>(-1);
};

inline constexpr std::size_t no_buffer = static_cast<std::size_t>(-1);

struct buffer_row {
  dummy_tensor tensor;
  bool is_input = true;
  std::size_t pair = no_buffer;  // of a past, its present, and the other way round
  std::size_t elements = 0;      // what its memory holds: of a pair, the larger of the two
};

// Calls `visit(row, layer, is_input)` for all inputs, then for all outputs.
template <class Visit>
constexpr void for_each_buffer(contract const& table, std::span<std::int64_t const> values, Visit&& visit) {
  for_each_tensor(table.inputs, values, [&](tensor_row const& row, std::int64_t layer) { visit(row, layer, true); });
  for_each_tensor(table.outputs, values, [&](tensor_row const& row, std::int64_t layer) { visit(row, layer, false); });
}

template <auto Config, buffer_option... Options>
struct buffer_plan {
  static constexpr auto options = [] {
    buffer_choices<sizeof...(Options)> result;
    std::size_t at = 0;
    for (buffer_option const& each : std::array<buffer_option, sizeof...(Options)>{Options...}) {
      result.sizes[at++] = each.size;
      if (each.alignment != 0) result.alignment = each.alignment;
      if (each.budget != 0) result.budget = each.budget;
    }
    return result;
  }();
  static constexpr bound_contract bound = Config.bind();
  static constexpr dummy_sizes sizes = size_axes(bound, options.sizes);
  static constexpr std::size_t count = sizes.status.ok()
                                           ? count_tensors(bound.table->inputs, sizes.of(*bound.table)) +
                                                 count_tensors(bound.table->outputs, sizes.of(*bound.table))
                                           : 0;

  struct result {
    std::array<buffer_row, count> rows{};
    dummy_status status = sizes.status;
    std::size_t bytes = 0;
    bool has_pairs = false;
  };
  static constexpr result plan = [] {
    result made;
    if (!made.status.ok()) return made;
    std::span<std::int64_t const> const values = sizes.of(*bound.table);
    std::size_t at = 0;
    for_each_buffer(*bound.table, values, [&](tensor_row const& row, std::int64_t layer, bool is_input) {
      dummy_result const described = is_input
                                         ? describe(row, layer, *bound.table, values, 0, shape_source::contract)
                                         : describe_shape(row, layer, *bound.table, values, 0, shape_source::contract);
      if (made.status.ok()) made.status = described.status;
      if (!described.status.ok()) return;
      buffer_row& entry = made.rows[at++];
      entry = {described.tensor, is_input, no_buffer, described.tensor.elements()};
      if (is_input || row.pair == no_row) return;
      tensor_name const past{bound.table->inputs[row.pair].name, layer};
      for (std::size_t i = 0; i + 1 < at; ++i) {
        buffer_row& other = made.rows[i];
        if (!other.is_input || other.tensor.type != row.type || other.tensor.name.layer != layer ||
            other.tensor.name.pattern != past.pattern)
          continue;
        entry.pair = i;
        other.pair = at - 1;
        entry.elements = other.elements = entry.elements > other.elements ? entry.elements : other.elements;
        made.has_pairs = true;
      }
    });
    bool fits = made.status.ok();
    auto const add = [&](std::size_t bytes) {
      fits = fits && !__builtin_add_overflow(made.bytes, bytes, &made.bytes) &&
             made.bytes <= static_cast<std::size_t>(-1) / 2 - options.alignment;
      made.bytes = (made.bytes + options.alignment - 1) / options.alignment * options.alignment;
    };
    for (buffer_row const& row : made.rows) add(bytes_of(row.tensor.type, row.elements));
    if (made.has_pairs) add(1);
    if (made.status.ok() && !fits) made.status = {dummy_error::too_many_elements};
    return made;
  }();
};

template <std::size_t Bytes, std::size_t Budget>
inline constexpr bool is_within_budget = Bytes <= Budget;

// A function of the facts alone: Clang prints them where they are a template's own parameters.
template <dummy_error Wrong, std::size_t Bytes, std::size_t Budget>
consteval bool report_buffers() {
  static_assert(no_dummy_error<Wrong>,
                "constexport: no buffers at these axis sizes; the enumerator of dummy_error says why");
  if constexpr (Wrong == dummy_error::none)
    static_assert(is_within_budget<Bytes, Budget>,
                  "constexport: the buffers are over their budget<>; give smaller axis sizes or more memory "
                  "(is_within_budget names the bytes and the budget)");
  return Wrong == dummy_error::none && Bytes <= Budget;
}

template <auto Config, buffer_option... Options>
consteval bool has_buffers() {
  if constexpr (is_right<Config>()) {
    using plan = buffer_plan<Config, Options...>;
    return report_buffers<plan::plan.status.error, plan::plan.bytes, plan::options.budget>();
  } else {
    return false;
  }
}

// Memory of one tensor. One without elements takes none.
template <class Plan, std::size_t Index, std::size_t Elements = Plan::plan.rows[Index].elements>
struct buffer_slot {
  alignas(Plan::options.alignment) std::array<element_of<Plan::plan.rows[Index].tensor.type>, Elements> elements{};
  constexpr auto* data() { return elements.data(); }
  constexpr auto const* data() const { return elements.data(); }
};
template <class Plan, std::size_t Index>
struct buffer_slot<Plan, Index, 0> {
  using element = element_of<Plan::plan.rows[Index].tensor.type>;
  constexpr element* data() { return nullptr; }
  constexpr element const* data() const { return nullptr; }
};

template <class Plan, bool HasPairs = Plan::plan.has_pairs>
struct buffer_turn {
  static constexpr bool is_swapped = false;
};
template <class Plan>
struct buffer_turn<Plan, true> {
  alignas(Plan::options.alignment) bool is_swapped = false;
};

template <class Plan, class Indices>
struct buffer_slots;
template <class Plan, std::size_t... Index>
struct buffer_slots<Plan, std::index_sequence<Index...>> : buffer_slot<Plan, Index>..., buffer_turn<Plan> {};

// What takes the place of buffers that the compiler has refused.
template <bool Ok, auto Config, buffer_option... Options>
struct checked_buffers {};
template <auto Config, buffer_option... Options>
struct checked_buffers<true, Config, Options...>
    : buffer_slots<buffer_plan<Config, Options...>, std::make_index_sequence<buffer_plan<Config, Options...>::count>> {
};

}  // namespace detail

/// Memory for all inputs and outputs of a configuration at fixed axis sizes:
/// `constinit static_buffers<gpt2, (batch_size = 1), (past_sequence_length = 31), budget<65536>> buffers;`. Options are
/// axis sizes in brackets, `aligned_to<64>` (16 bytes if not given) and `budget<bytes>`, in any order; axes that are
/// not given have Optimum's default sizes. All elements are 0 at first.
///
/// A past input and its present output are two halves of one size, that of the larger one, so that `swap()` makes of
/// what a run has written what the next one reads. The sizes given are then the largest ones.
template <auto Config, buffer_option... Options>
class static_buffers : detail::checked_buffers<detail::has_buffers<Config, Options...>(), Config, Options...> {
  using plan = detail::buffer_plan<Config, Options...>;

  static consteval std::size_t index_of(std::string_view name) {
    std::size_t index = 0;
    while (index < plan::count && !(plan::plan.rows[index].tensor.name == name)) ++index;
    return index;
  }

  template <fixed_string Name>
  static consteval std::size_t known() {
    constexpr std::size_t index = index_of(Name.view());
    static_assert(index < plan::count,
                  "constexport: the configuration has no tensor of this name; layers are numbered as in "
                  "past_key_values.0.key");
    return index < plan::count ? index : 0;
  }

 public:
  /// Number of tensors, inputs and outputs.
  static consteval std::size_t size() { return plan::count; }
  /// Bytes of all buffers together, which is the size of the object.
  static consteval std::size_t bytes() { return plan::plan.bytes; }
  /// Does the configuration have past and present tensors, so that `swap` has something to exchange?
  static consteval bool has_pairs() { return plan::plan.has_pairs; }
  /// Number, name, element type and shape of each tensor: inputs first, in the contract's order.
  static constexpr dummy_tensor const& describe(std::size_t index) { return plan::plan.rows[index].tensor; }
  /// Is the tensor number `index` an input?
  static constexpr bool is_input(std::size_t index) { return plan::plan.rows[index].is_input; }

  /// Elements of the tensor called `Name`, row-major, in a `std::span` of fixed size; `*` is replaced by the layer's
  /// number, as in the ONNX file. Of a past or present, after each `swap` another half.
  template <fixed_string Name>
  constexpr auto get() {
    return at<known<Name>()>();
  }
  template <fixed_string Name>
  constexpr auto get() const {
    return at<known<Name>()>();
  }

  /// Elements of the tensor number `Index`.
  template <std::size_t Index>
  constexpr auto at() {
    return span_of<Index>(*this);
  }
  template <std::size_t Index>
  constexpr auto at() const {
    return span_of<Index>(*this);
  }

  /// Elements that the memory of the tensor called `Name` holds: more than it has, for the smaller one of a pair.
  template <fixed_string Name>
  static consteval std::size_t capacity() {
    return plan::plan.rows[known<Name>()].elements;
  }

  /// Shape of the tensor called `Name`.
  template <fixed_string Name>
  static consteval std::span<std::int64_t const> shape() {
    return plan::plan.rows[known<Name>()].tensor.shape.span();
  }

  /// Calls `visit(span, describe(i))` for each tensor whose `is_input` is `inputs`.
  template <class Visit>
  constexpr void for_each(bool inputs, Visit&& visit) {
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      ((plan::plan.rows[Index].is_input == inputs ? visit(at<Index>(), describe(Index)) : void()), ...);
    }(std::make_index_sequence<plan::count>{});
  }

  /// What the last run has written as present becomes the past of the next one. Nothing is copied.
  constexpr void swap()
    requires(plan::plan.has_pairs)
  {
    this->is_swapped = !this->is_swapped;
  }

  /// Fills all inputs with the dummy values of `seed`, those that generate_dummy_inputs makes for these shapes.
  constexpr dummy_status fill_dummy_inputs(std::uint64_t seed = 0) {
    dummy_status status{};
    for_each(true, [&](auto elements, dummy_tensor tensor) {
      tensor.seed = seed;
      dummy_status const each = fill(std::span<typename decltype(elements)::element_type>(elements), tensor);
      if (status.ok()) status = each;
    });
    return status;
  }

 private:
  template <std::size_t Index, class Self>
  static constexpr auto span_of(Self& self) {
    constexpr std::size_t size = plan::plan.rows[Index].tensor.elements(), pair = plan::plan.rows[Index].pair;
    using element = element_of<plan::plan.rows[Index].tensor.type>;
    using type = std::conditional_t<std::is_const_v<Self>, element const, element>;
    constexpr std::size_t other = pair == detail::no_buffer ? Index : pair;
    using own_slot = detail::buffer_slot<plan, Index>;
    using other_slot = detail::buffer_slot<plan, other>;
    type* const data = self.is_swapped ? slot<other_slot>(self).data() : slot<own_slot>(self).data();
    return std::span<type, size>(data, size);
  }
  template <class Slot, class Self>
  static constexpr auto& slot(Self& self) {
    return static_cast<std::conditional_t<std::is_const_v<Self>, Slot const, Slot>&>(self);
  }
};

}  // namespace constexport
