/// config/messages.hpp: the compile-time messages. docs/errors.md explains each; tests/compile_fail/ pins its first
/// line.
///
/// Room: config, private to it (namespace detail). Includes core/ and config/. A message is one literal static_assert;
/// the arguments of `no_problem` show the facts (GCC: "evaluates to false", Clang: "due to requirement"). The headers
/// that models include name this one first: diagnostics list the shortest way to it.
#pragma once

#include <constexport/config/checks.hpp>
#include <constexport/config/options.hpp>

#include <type_traits>

namespace constexport::detail {

// The arguments show the facts in a diagnostic.
template <class... Facts>
inline constexpr bool no_problem = false;
template <fixed_string Name>
struct tensor_or_symbol {};

constexpr bool is_none(option_problem found) { return found == option_problem::none; }
constexpr bool is_none(finding const& found) { return found.kind == problem::none; }

// At its exact length, which compilers print as text.
template <finding Found>
consteval auto exact_name() {
  constexpr std::size_t size = std::string_view{Found.where}.size();
  char text[size + 1]{};
  for (std::size_t i = 0; i < size; ++i) text[i] = Found.where[i];
  return fixed_string(text);
}

// The entry functions call `report` once, with what they found, and stop where it is false. One mistake, one error:
// `kind` equals one of these.
template <class Config, option_problem kind>
consteval bool report() {
  if constexpr (kind == option_problem::not_an_option)
    static_assert(no_problem<Config>,
                  "constexport: a template argument is not an option; use a task (text_generation), use_past, "
                  "use_past_in_inputs, a behavior (decoder), int_dtype<>, float_dtype<> or opset<>");
  if constexpr (kind == option_problem::option_given_twice)
    static_assert(no_problem<Config>, "constexport: an option is given twice; keep one of them");
  if constexpr (kind == option_problem::two_tasks)
    static_assert(no_problem<Config>, "constexport: a configuration has one task; remove all tasks but one");
  if constexpr (kind == option_problem::two_behaviors)
    static_assert(no_problem<Config>, "constexport: a configuration has one behavior: encoder, decoder or monolith");
  if constexpr (kind == option_problem::task_not_supported)
    static_assert(no_problem<Config>,
                  "constexport: this model does not support this task; its member `tasks` lists those that it supports "
                  "(feature_extraction is meant where no task is given)");
  if constexpr (kind == option_problem::past_without_decoder)
    static_assert(no_problem<Config>,
                  "constexport: use_past needs a decoder, and this model has none; remove use_past");
  if constexpr (kind == option_problem::past_not_for_this_task)
    static_assert(
        no_problem<Config>,
        "constexport: this model has no past key/values for this task; remove use_past or use text_generation");
  if constexpr (kind == option_problem::past_in_inputs_without_past)
    static_assert(no_problem<Config>, "constexport: use_past_in_inputs needs use_past; add use_past");
  if constexpr (kind == option_problem::behavior_without_parts)
    static_assert(no_problem<Config>,
                  "constexport: this model is not an encoder-decoder model; remove encoder, decoder or monolith");
  if constexpr (kind == option_problem::past_on_an_encoder)
    static_assert(no_problem<Config>,
                  "constexport: an encoder has no past key/values; remove use_past, or use decoder");
  if constexpr (kind == option_problem::part_not_known)
    static_assert(no_problem<Config>, "constexport: this model has no such part; its member `parts` lists its parts");
  if constexpr (kind == option_problem::variant_not_known)
    static_assert(no_problem<Config>,
                  "constexport: this model has no such variant; its member `variants` lists its variants");
  if constexpr (kind == option_problem::combination_not_exported)
    static_assert(
        no_problem<Config>,
        "constexport: this model is never exported with this combination of part, variant, behavior and past; "
        "see its is_exported()");
  return kind == option_problem::none;
}

template <class, finding Found>
consteval bool report() {
  constexpr problem kind = Found.kind;
  using Where = tensor_or_symbol<exact_name<Found>()>;
  if constexpr (kind == problem::two_inputs_with_one_name)
    static_assert(no_problem<Where>, "constexport: two inputs have one name; rename one of them");
  if constexpr (kind == problem::two_outputs_with_one_name)
    static_assert(no_problem<Where>, "constexport: two outputs have one name; rename one of them");
  if constexpr (kind == problem::input_and_output_with_one_name)
    static_assert(no_problem<Where>,
                  "constexport: an input and an output have one name, which ONNX forbids; rename one of them");
  if constexpr (kind == problem::names_collide_as_identifiers)
    static_assert(
        no_problem<Where>,
        "constexport: two tensor names become one C identifier ('.', '-' and ' ' turn into '_'); rename one of them");
  if constexpr (kind == problem::axis_with_a_negative_minimum)
    static_assert(no_problem<Where>, "constexport: an axis has a negative minimum size; use 0 or more");
  if constexpr (kind == problem::axis_with_an_empty_range)
    static_assert(
        no_problem<Where>,
        "constexport: no size is legal for an axis: its maximum is below its minimum, or its multiple below 1");
  if constexpr (kind == problem::output_axis_that_no_input_binds)
    static_assert(no_problem<Where>,
                  "constexport: an output has an axis that no input has, so that its size is unknown; use an input's "
                  "axis, or fix it in "
                  "fixed_axes()");
  if constexpr (kind == problem::axis_only_inside_an_expression)
    static_assert(no_problem<Where>,
                  "constexport: an axis occurs only inside expressions, so that no shape tells its size; give an input "
                  "a dimension that is the "
                  "axis alone, or fix it in fixed_axes()");
  if constexpr (kind == problem::present_without_past)
    static_assert(no_problem<Where>,
                  "constexport: a present output has no past input of the same name after the first dot; declare both "
                  "in one cache");
  if constexpr (kind == problem::present_with_other_axes_than_past)
    static_assert(no_problem<Where>,
                  "constexport: a present output may differ from its past input in the sequence axis only; declare "
                  "both in one cache");
  if constexpr (kind == problem::token_ids_that_are_floating)
    static_assert(no_problem<Where>, "constexport: token ids must be integers; use dtype::int64 or dtype::int32");
  if constexpr (kind == problem::dtype_that_the_opset_lacks)
    static_assert(no_problem<Where>,
                  "constexport: the operator set has no such element type; use a newer opset<> or another dtype");
  if constexpr (kind == problem::parameter_without_a_value)
    static_assert(no_problem<Where>,
                  "constexport: a tensor uses a parameter that the model does not declare; add it to the model's "
                  "parameters with a default");
  if constexpr (kind == problem::size_that_can_be_negative)
    static_assert(no_problem<Where>,
                  "constexport: a dimension can be negative; wrap it in max(..., int_c<0>) or raise an axis's minimum");
  if constexpr (kind == problem::division_with_a_remainder)
    static_assert(no_problem<Where>,
                  "constexport: a division marked exactly() leaves a remainder with these parameters (hidden_size must "
                  "be a multiple of "
                  "num_attention_heads, for example); change one of them");
  if constexpr (kind == problem::parameter_out_of_range)
    static_assert(no_problem<Where>,
                  "constexport: a parameter is zero, negative or otherwise below its minimum; give it a legal value");
  if constexpr (kind == problem::setting_of_a_foreign_symbol)
    static_assert(no_problem<Where>,
                  "constexport: a value is given to a parameter or an axis that this model does not have; remove it, "
                  "or see the model's "
                  "parameters");
  if constexpr (kind == problem::symbol_set_twice)
    static_assert(no_problem<Where>, "constexport: a parameter or an axis is given two values; keep one of them");
  if constexpr (kind == problem::axis_size_out_of_range)
    static_assert(no_problem<Where>,
                  "constexport: an axis is fixed to a size outside its range or that is no multiple of what it must "
                  "be; see the axis's "
                  "declaration");
  return kind == problem::none;
}

// What takes a configuration as a template argument asks this before it uses its lists or its values.
template <auto Config>
consteval bool is_right() {
  using config = std::remove_const_t<decltype(Config)>;
  if constexpr (!config::is_legal()) {
    Config.inputs();  // says what is wrong
    return false;
  } else {
    return report<config, Config.find_problem()>();
  }
}

}  // namespace constexport::detail
