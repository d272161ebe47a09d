/// config/onnx_config.hpp: OnnxConfig, the base of every configuration (Optimum's class of that name).
///
/// Room: config. Includes core/ and config/. A configuration is a type (model, task, options) with a few values
/// (parameters, fixed axes). Its lists are types; `contract()` and `bind()` are what every client reads.
#pragma once

#include <constexport/config/checks.hpp>
#include <constexport/config/messages.hpp>
#include <constexport/config/options.hpp>
#include <constexport/config/tensors.hpp>
#include <constexport/core/table.hpp>

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <type_traits>

namespace constexport {

/// A model setting that the export changes (Optimum's `values_override`).
struct value_override {
  std::string_view name;
  bool value;
  friend constexpr bool operator==(value_override const&, value_override const&) = default;
};

/// A name in the module's forward() and the name that the ONNX file gives it.
struct name_pair {
  std::string_view torch;
  std::string_view onnx;
  friend constexpr bool operator==(name_pair const&, name_pair const&) = default;
};

/// The base of all configurations. `Derived` is the model's class, `Options...` its tags in any order.
///
/// A model declares `model_type`, `tasks`, `parameters` and, where they differ from its base's, `declared_inputs()` and
/// `declared_outputs()`. Layers between this base and the model (config/*.hpp) declare what a modality has in common.
template <class Derived, auto... Options>
struct OnnxConfig {
  /// Values that replace the model's defaults, and axes that are fixed: `BertOnnxConfig<> bert{hidden_size = 384}`.
  /// At most so many; unused places stay empty. Public, because a structural type needs it so.
  setting settings[16]{};

  using options = detail::option_set<Options...>;
  static constexpr auto task = options::task;
  static constexpr std::string_view behavior_name = options::behavior_name;
  template <auto Option>
  static constexpr bool has = options::template has<Option>;

  static constexpr std::string_view library = "transformers";
  static constexpr double atol_for_validation = 1e-5;
  static constexpr int default_opset = 18;
  /// The files of a model that is exported in parts, and the ways to export it; the first of each is the default.
  static constexpr std::array<std::string_view, 0> parts{};
  static constexpr std::array<std::string_view, 1> variants{"default"};
  /// False for a combination of part, variant, behavior and past that is never exported.
  static consteval bool is_exported() { return true; }
  /// Of a model that is exported in parts: is this the file of the part called `name`?
  static consteval bool is_part(std::string_view name) { return part_name<Derived>() == name; }
  static constexpr bool has_cache = false;      ///< can it have past key/values?
  static constexpr bool has_behaviors = false;  ///< is it an encoder-decoder model?
  static constexpr bool has_use_cache = false;  ///< has its configuration a `use_cache`, which the export then sets?

  /// Input tensors in order: a tensor_list, and so a Boost.Hana sequence.
  static consteval auto inputs() {
    if constexpr (detail::report<Derived, first_problem()>())
      return checked_inputs();
    else
      return tensors<>;
  }

  /// Output tensors in order.
  static consteval auto outputs() {
    if constexpr (detail::report<Derived, first_problem()>())
      return checked_outputs();
    else
      return tensors<>;
  }

  /// The contract: constants in .rodata, the same object for every configuration of this type.
  static constexpr constexport::contract const& contract() {
    if constexpr (detail::report<Derived, first_problem()>()) {
      return table_of<>::value;
    } else {
      return detail::empty_contract;
    }
  }

  /// The contract with this configuration's values. The values must be legal: see `find_problem`; where the
  /// configuration is a template argument (graph_metadata, static_dummy_inputs) the compiler checks them.
  constexpr bound_contract bind() const {
    bound_contract result{&contract(), {}};
    for (std::size_t i = 0; i < max_symbols; ++i) result.values[i] = unknown;
    for (std::size_t i = 0; i < contract().symbols.size(); ++i) result.values[i] = contract().symbols[i].value;
    std::array<bool, max_symbols> given{};
    for (setting const& each : settings) {
      if (each.symbol == nullptr) continue;
      std::size_t const index = find_symbol(contract().symbols, each.symbol->name, each.symbol->is_axis);
      if (index == contract().symbols.size()) continue;
      result.values[index] = each.value;
      given[index] = true;
    }
    derive(contract().symbols, result.values, given);
    return result;
  }

  /// What is wrong with this configuration's values; `problem::none` if nothing.
  constexpr finding find_problem() const {
    finding const found = constexport::find_problem(contract(), settings);
    return found.kind != problem::none ? found : constexport::find_problem(bind());
  }

  /// Dummy inputs for a framework, by name and in Optimum's order: `generate_dummy_inputs<libtorch>(batch_size = 4)`.
  /// Axes that are not given have Optimum's default sizes. The back end's header (adapters/) says what comes out.
  template <auto Backend, class... Symbol>
  constexpr auto generate_dummy_inputs(binding<Symbol>... sizes) const {
    return Backend.generate(bind(), std::array<setting, sizeof...(Symbol)>{setting(sizes)...});
  }

  /// Settings of the model that the export changes.
  static constexpr auto values_override() {
    if constexpr (Derived::has_use_cache)
      return std::array{value_override{"use_cache", has<constexport::use_past>}};
    else
      return std::array<value_override, 0>{};
  }

  /// Names of the module's arguments that differ in the ONNX file.
  static constexpr auto torch_to_onnx_input_map() { return std::array<name_pair, 0>{}; }

  /// Names of the module's outputs that differ in the ONNX file.
  static constexpr auto torch_to_onnx_output_map() { return std::array<name_pair, 0>{}; }

  /// The file of a model that is exported in parts, and the way to export it: those of the options, or the defaults.
  template <class Self = Derived>
  static consteval std::string_view part_name() {
    return !options::part_name.empty() || Self::parts.empty() ? options::part_name : *Self::parts.data();
  }
  template <class Self = Derived>
  static consteval std::string_view variant_name() {
    return options::variant_name.empty() ? Self::variants[0] : options::variant_name;
  }

  /// Are task, options and lists legal? As a value, for users who want to branch on it.
  static consteval bool is_legal() { return detail::is_none(first_problem()); }

  /// What Optimum makes dummies of, where that is not the inputs (an input without a dummy, a dummy that is no input).
  static consteval auto declared_dummies() { return tensors<>; }
  /// Sizes that a layer fixes: an axis of a cache that is never read is 0.
  static consteval auto fixed_axes() { return normalized(); }
  /// Parameters that every model has (transformers' PretrainedConfig).
  static consteval auto common_parameters() { return normalized(num_labels = 2); }

 private:
  template <class Self = Derived>
  static consteval auto checked_inputs() {
    return detail::with_dtypes<options>(Self::declared_inputs());
  }
  template <class Self = Derived>
  static consteval auto checked_outputs() {
    return detail::with_dtypes<options>(Self::declared_outputs());
  }

  template <class Self>
  static consteval int opset_version() {
    return options::template get<option_kind::opset, constexport::opset<Self::default_opset>>.version;
  }
  // A template, so that nothing is instantiated before the options are known to be legal.
  template <class Self = Derived>
  struct table_of {
    struct model {
      static constexpr auto parameters = detail::parameters_of<Self>();
    };
    using table = detail::table<decltype(checked_inputs<Self>()), decltype(checked_outputs<Self>()), model,
                                decltype(detail::with_dtypes<options>(Self::declared_dummies()))>;
    static constexpr constexport::contract value{
        {detail::class_name<Self>(), Self::library, Self::model_type, task.name, options::behavior_name,
         has<constexport::use_past>, has<constexport::use_past_in_inputs>, opset_version<Self>(),
         Self::atol_for_validation, part_name<Self>(), variant_name<Self>()},
        table::symbols,
        table::inputs,
        table::outputs,
        table::dummies};
    static constexpr finding found = constexport::find_problem(value);
  };

  // The options' problem if there is one, else the lists': the lists are not instantiated with illegal options.
  static consteval auto first_problem() {
    constexpr option_problem wrong = detail::find_option_problem<Derived>();
    if constexpr (wrong != option_problem::none)
      return wrong;
    else
      return table_of<>::found;
  }
};

/// Is `Config` legal: its task, its options, its lists? A value, so that a user can branch on it.
template <class Config>
inline constexpr bool is_valid = Config::is_legal();

/// The bound contract of a constant configuration, `bound<gpt2>`: the compiler checks its values too. What takes a
/// configuration as a template argument (graph_metadata, static_dummy_inputs) reads this.
template <auto Config>
inline constexpr bound_contract bound =
    detail::report<decltype(Config), Config.find_problem()>() ? Config.bind()
                                                              : bound_contract{&detail::empty_contract, {}};

}  // namespace constexport
