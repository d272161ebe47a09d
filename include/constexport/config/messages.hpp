/// config/messages.hpp: the compile-time messages. docs/errors.md explains each; tests/compile_fail/ pins its first line.
///
/// Room: config, private to it (namespace detail). Includes core/ and config/. A message is one literal static_assert; the
/// arguments of `no_problem` show the facts (GCC: "evaluates to false", Clang: "due to requirement").
#pragma once

#include <constexport/config/checks.hpp>
#include <constexport/config/options.hpp>

namespace constexport::detail {

template <auto Fact, class... Where>
inline constexpr bool no_problem = false;

// The condition is false in one assert only: one mistake, one error.
#define CONSTEXPORT_MESSAGE(NAME, FACT, TEXT)                                          \
  else if constexpr (kind == NAME) {                                                   \
    static_assert(no_problem<FACT>, "constexport: " TEXT);                              \
  }
#define CONSTEXPORT_OPTION_MESSAGE(NAME, TEXT)                                          \
  else if constexpr (kind == option_problem::NAME) {                                    \
    static_assert(no_problem<option_problem::NAME, Config>, "constexport: " TEXT);       \
  }

template <class Config, option_problem kind>
consteval void report() {
  if constexpr (kind == option_problem::none) {
  }
  CONSTEXPORT_OPTION_MESSAGE(not_an_option,
      "a template argument is not an option; use a task (text_generation), use_past, use_past_in_inputs, a behavior "
      "(decoder), int_dtype<>, float_dtype<> or opset<>")
  CONSTEXPORT_OPTION_MESSAGE(option_given_twice, "an option is given twice; keep one of them")
  CONSTEXPORT_OPTION_MESSAGE(two_tasks, "a configuration has one task; remove all tasks but one")
  CONSTEXPORT_OPTION_MESSAGE(two_behaviors, "a configuration has one behavior: encoder, decoder or monolith")
  CONSTEXPORT_OPTION_MESSAGE(task_not_supported,
      "this model does not support this task; its member `tasks` lists those that it supports (feature_extraction is "
      "meant where no task is given)")
  CONSTEXPORT_OPTION_MESSAGE(past_without_decoder,
      "use_past needs a decoder, and this model has none; remove use_past")
  CONSTEXPORT_OPTION_MESSAGE(past_not_for_this_task,
      "this model has no past key/values for this task; remove use_past or use text_generation")
  CONSTEXPORT_OPTION_MESSAGE(past_in_inputs_without_past, "use_past_in_inputs needs use_past; add use_past")
  CONSTEXPORT_OPTION_MESSAGE(behavior_without_parts,
      "this model is not an encoder-decoder model; remove encoder, decoder or monolith")
  CONSTEXPORT_OPTION_MESSAGE(past_on_an_encoder, "an encoder has no past key/values; remove use_past, or use decoder")
}

template <finding Found>
consteval void report() {
  constexpr problem kind = Found.kind;
  if constexpr (kind == problem::none) {
  }
  CONSTEXPORT_MESSAGE(problem::two_inputs_with_one_name, Found, "two inputs have one name; rename one of them")
  CONSTEXPORT_MESSAGE(problem::two_outputs_with_one_name, Found, "two outputs have one name; rename one of them")
  CONSTEXPORT_MESSAGE(problem::input_and_output_with_one_name, Found,
      "an input and an output have one name, which ONNX forbids; rename one of them")
  CONSTEXPORT_MESSAGE(problem::names_collide_as_identifiers, Found,
      "two tensor names become one C identifier ('.', '-' and ' ' turn into '_'); rename one of them")
  CONSTEXPORT_MESSAGE(problem::output_axis_that_no_input_binds, Found,
      "an output has an axis that no input has, so that its size is unknown; use an input's axis, or fix it in "
      "fixed_axes()")
  CONSTEXPORT_MESSAGE(problem::axis_only_inside_an_expression, Found,
      "an axis occurs only inside expressions, so that no shape tells its size; give an input a dimension that is the "
      "axis alone, or fix it in fixed_axes()")
  CONSTEXPORT_MESSAGE(problem::present_without_past, Found,
      "a present output has no past input of the same name after the first dot; declare both in one cache")
  CONSTEXPORT_MESSAGE(problem::present_with_other_axes_than_past, Found,
      "a present output may differ from its past input in the sequence axis only; declare both in one cache")
  CONSTEXPORT_MESSAGE(problem::token_ids_that_are_floating, Found,
      "token ids must be integers; use dtype::int64 or dtype::int32")
  CONSTEXPORT_MESSAGE(problem::dtype_that_the_opset_lacks, Found,
      "the operator set has no such element type; use a newer opset<> or another dtype")
  CONSTEXPORT_MESSAGE(problem::parameter_without_a_value, Found,
      "a tensor uses a parameter that the model does not declare; add it to the model's parameters with a default")
  CONSTEXPORT_MESSAGE(problem::size_that_can_be_negative, Found,
      "a dimension can be negative; wrap it in max(..., int_c<0>) or raise an axis's minimum")
  CONSTEXPORT_MESSAGE(problem::division_with_a_remainder, Found,
      "a division marked exactly() leaves a remainder with these parameters (hidden_size must be a multiple of "
      "num_attention_heads, for example); change one of them")
  CONSTEXPORT_MESSAGE(problem::parameter_out_of_range, Found,
      "a parameter is zero, negative or otherwise below its minimum; give it a legal value")
  CONSTEXPORT_MESSAGE(problem::setting_of_a_foreign_symbol, Found,
      "a value is given to a parameter or an axis that this model does not have; remove it, or see the model's "
      "parameters")
  CONSTEXPORT_MESSAGE(problem::symbol_set_twice, Found, "a parameter or an axis is given two values; keep one of them")
  CONSTEXPORT_MESSAGE(problem::axis_size_out_of_range, Found,
      "an axis is fixed to a size outside its range or that is no multiple of what it must be; see the axis's "
      "declaration")
}

#undef CONSTEXPORT_MESSAGE
#undef CONSTEXPORT_OPTION_MESSAGE

}  // namespace constexport::detail
