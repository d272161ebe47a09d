/// config/options.hpp: reads the unordered pack of tags that a configuration is made with.
///
/// Room: config, private to it (namespace detail). Includes core/ and config/tasks.hpp.
#pragma once

#include <constexport/config/tasks.hpp>
#include <constexport/config/vocabulary.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/core/tensor_list.hpp>

#include <array>
#include <cstddef>
#include <string_view>
#include <type_traits>

namespace constexport {

/// What can be wrong with the options of a configuration.
enum class option_problem : std::uint8_t {
  none,
  not_an_option,
  option_given_twice,
  two_tasks,
  two_behaviors,
  task_not_supported,
  past_without_decoder,
  past_not_for_this_task,
  past_in_inputs_without_past,
  behavior_without_parts,
  past_on_an_encoder,
  part_not_known,
  variant_not_known,
  combination_not_exported,
};

namespace detail {

template <class T>
concept Option = std::is_same_v<std::remove_const_t<decltype(T::kind)>, option_kind>;

// The first of the options of one kind, or `otherwise`.
template <option_kind Kind, class Otherwise>
consteval auto first_of(Otherwise otherwise) {
  return otherwise;
}
template <option_kind Kind, class Otherwise, class First, class... Rest>
consteval auto first_of(Otherwise otherwise, First first, Rest... rest) {
  if constexpr (Option<First>) {
    if constexpr (First::kind == Kind)
      return first;
    else
      return first_of<Kind>(otherwise, rest...);
  } else {
    return first_of<Kind>(otherwise, rest...);
  }
}

struct no_option {
  static constexpr std::string_view name{};
};

template <auto... Options>
struct option_set {
  template <auto Wanted>
  static constexpr bool has =
      (std::is_same_v<std::remove_const_t<decltype(Wanted)>, std::remove_const_t<decltype(Options)>> || ...);
  /// The option of a kind, or `Otherwise`.
  template <option_kind Kind, auto Otherwise>
  static constexpr auto get = first_of<Kind>(Otherwise, Options...);

  static constexpr auto task = get<option_kind::task, feature_extraction>;
  static constexpr std::string_view behavior_name = get<option_kind::behavior, no_option{}>.name;
  static constexpr std::string_view part_name = get<option_kind::part, no_option{}>.name;
  static constexpr std::string_view variant_name = get<option_kind::variant, no_option{}>.name;
  static constexpr dtype integer = get<option_kind::int_dtype, int_dtype<dtype::int64>>.type;
  static constexpr dtype floating = get<option_kind::float_dtype, float_dtype<dtype::float32>>.type;

  static constexpr option_problem find_problem() {
    if constexpr (!(Option<std::remove_const_t<decltype(Options)>> && ...)) {
      return option_problem::not_an_option;
    } else {
      option_kind const kinds[] = {option_kind::none, decltype(Options)::kind...};
      for (std::size_t i = 1; i <= sizeof...(Options); ++i)
        for (std::size_t j = 1; j < i; ++j)
          if (kinds[i] == kinds[j])
            return kinds[i] == option_kind::task       ? option_problem::two_tasks
                   : kinds[i] == option_kind::behavior ? option_problem::two_behaviors
                                                       : option_problem::option_given_twice;
      return option_problem::none;
    }
  }
};

constexpr bool is_listed(std::string_view name, auto const& names) {
  for (std::string_view const known : names)
    if (known == name) return true;
  return name.empty();
}

/// The first problem of a configuration's options; looks at `Derived`'s own declarations only, not at its lists.
template <class Derived>
consteval option_problem find_option_problem() {
  using options = typename Derived::options;
  if (constexpr option_problem found = options::find_problem(); found != option_problem::none) return found;
  bool supported = false, with_past = false;
  for (task_support const& known : Derived::tasks)
    if (known.task == options::task.name) {
      supported = true;
      with_past = with_past || known.past;
    }
  if (!supported) return option_problem::task_not_supported;
  constexpr bool past = options::template has<use_past>;
  if (options::template has<use_past_in_inputs> && !past) return option_problem::past_in_inputs_without_past;
  if (past && !Derived::has_cache) return option_problem::past_without_decoder;
  if (past && !with_past) return option_problem::past_not_for_this_task;
  if (!options::behavior_name.empty() && !Derived::has_behaviors) return option_problem::behavior_without_parts;
  if (past && options::behavior_name == encoder.name) return option_problem::past_on_an_encoder;
  if (!is_listed(options::part_name, Derived::parts)) return option_problem::part_not_known;
  if (!is_listed(options::variant_name, Derived::variants)) return option_problem::variant_not_known;
  if (!Derived::is_exported()) return option_problem::combination_not_exported;
  return option_problem::none;
}

// Replaces the element types that the options ask for.
template <class Options>
struct retype {
  template <class T>
  using apply =
      std::conditional_t<T::type == dtype::int64 && Options::integer != dtype::int64, retyped<T, Options::integer>,
                         std::conditional_t<T::type == dtype::float32 && Options::floating != dtype::float32,
                                            retyped<T, Options::floating>, T>>;
};

template <class Options, class List>
consteval auto with_dtypes(List list) {
  if constexpr (Options::integer == dtype::int64 && Options::floating == dtype::float32)
    return list;
  else
    return map<retype<Options>::template apply>(list);
}

// "GPT2OnnxConfig" out of the compiler's spelling of the type.
template <class T>
consteval std::string_view class_name() {
  std::string_view text = __PRETTY_FUNCTION__;
  std::size_t const start = text.find("T = ") + 4;
  text = text.substr(start, text.find_first_of("<;]", start) - start);
  std::size_t const colon = text.rfind(':');
  return colon == std::string_view::npos ? text : text.substr(colon + 1);
}

inline constexpr contract empty_contract{};

/// The parameters of a model: the common ones, its own, and the axes that its layers fix. The last value of a symbol
/// counts.
template <class Config>
consteval auto parameters_of() {
  return concatenate(Config::common_parameters(), Config::parameters, Config::fixed_axes());
}

}  // namespace detail
}  // namespace constexport
