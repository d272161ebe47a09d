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
};

namespace detail {

template <class T>
inline constexpr bool is_task = false;
template <fixed_string Name>
inline constexpr bool is_task<task_tag<Name>> = true;
template <class T>
inline constexpr bool is_behavior = false;
template <fixed_string Name>
inline constexpr bool is_behavior<behavior_tag<Name>> = true;
template <class T>
inline constexpr bool is_int_dtype = false;
template <dtype Type>
inline constexpr bool is_int_dtype<int_dtype_option<Type>> = true;
template <class T>
inline constexpr bool is_float_dtype = false;
template <dtype Type>
inline constexpr bool is_float_dtype<float_dtype_option<Type>> = true;
template <class T>
inline constexpr bool is_opset = false;
template <int Version>
inline constexpr bool is_opset<opset_option<Version>> = true;

template <class T>
inline constexpr bool is_flag = std::is_same_v<T, use_past_option> || std::is_same_v<T, use_past_in_inputs_option>;
template <class T>
inline constexpr bool is_option =
    is_task<T> || is_behavior<T> || is_int_dtype<T> || is_float_dtype<T> || is_opset<T> || is_flag<T>;

template <auto... Options>
struct option_set {
  template <auto Option>
  static constexpr bool has =
      (std::is_same_v<std::remove_const_t<decltype(Option)>, std::remove_const_t<decltype(Options)>> || ...);

  static consteval auto find_task() { return first_task(Options...); }
  static constexpr auto first_task() { return feature_extraction; }
  template <class First, class... Rest>
  static constexpr auto first_task(First first, Rest... rest) {
    if constexpr (is_task<First>)
      return first;
    else
      return first_task(rest...);
  }
  static constexpr auto task = find_task();

  static constexpr std::string_view find_behavior() {
    std::string_view name;
    [[maybe_unused]] auto const look = [&]<class T>(T) {
      if constexpr (is_behavior<T>) name = T::name;
    };
    (look(Options), ...);
    return name;
  }
  static constexpr std::string_view behavior_name = find_behavior();

  static constexpr int opset(int otherwise) {
    [[maybe_unused]] auto const look = [&]<class T>(T) {
      if constexpr (is_opset<T>) otherwise = T::version;
    };
    (look(Options), ...);
    return otherwise;
  }

  static constexpr dtype find_dtype(bool real) {
    dtype type = real ? dtype::float32 : dtype::int64;
    [[maybe_unused]] auto const look = [&]<class T>(T) {
      if constexpr (is_float_dtype<T>) {
        if (real) type = T::type;
      } else if constexpr (is_int_dtype<T>) {
        if (!real) type = T::type;
      }
    };
    (look(Options), ...);
    return type;
  }
  static constexpr dtype integer = find_dtype(false);
  static constexpr dtype floating = find_dtype(true);

  static constexpr option_problem find_problem() {
    if constexpr (!(is_option<std::remove_const_t<decltype(Options)>> && ...)) {
      return option_problem::not_an_option;
    } else {
      int tasks = 0, behaviors = 0, integers = 0, floats = 0, opsets = 0, pasts = 0, past_inputs = 0;
      [[maybe_unused]] auto const count = [&]<class T>(T) {
        tasks += is_task<T>;
        behaviors += is_behavior<T>;
        integers += is_int_dtype<T>;
        floats += is_float_dtype<T>;
        opsets += is_opset<T>;
        pasts += std::is_same_v<T, use_past_option>;
        past_inputs += std::is_same_v<T, use_past_in_inputs_option>;
      };
      (count(Options), ...);
      if (tasks > 1) return option_problem::two_tasks;
      if (behaviors > 1) return option_problem::two_behaviors;
      if (integers > 1 || floats > 1 || opsets > 1 || pasts > 1 || past_inputs > 1)
        return option_problem::option_given_twice;
      return option_problem::none;
    }
  }
};

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

template <class T, std::size_t N, std::size_t M>
consteval std::array<T, N + M> concatenate(std::array<T, N> const& a, std::array<T, M> const& b) {
  std::array<T, N + M> result{};
  for (std::size_t i = 0; i < N; ++i) result[i] = a[i];
  for (std::size_t i = 0; i < M; ++i) result[N + i] = b[i];
  return result;
}

inline constexpr contract empty_contract{};

/// The parameters of a model: its own, the axes that its layers fix, and the common ones that it does not hide.
template <class Config>
consteval auto parameters_of() {
  constexpr auto own = concatenate(Config::parameters, Config::fixed_axes());
  constexpr auto common = Config::common_parameters();
  std::array<model_parameter, own.size() + common.size()> result{};
  std::size_t size = 0;
  for (model_parameter const& known : own) result[size++] = known;
  for (model_parameter const& candidate : common) {
    bool hidden = false;
    for (model_parameter const& known : own) hidden = hidden || known.symbol == candidate.symbol;
    // What is hidden is repeated, which the table takes for one symbol.
    result[size++] = hidden ? result[0] : candidate;
  }
  return result;
}

}  // namespace detail
}  // namespace constexport
