/// models/decision_transformer.hpp: Decision Transformer.
///
/// Room: models. Includes config/ only; one header per family, nothing but declarations.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/config/onnx_config.hpp>

namespace constexport {

// clang-format off
struct state_dim_parameter final : parameter<state_dim_parameter, "state_dim"> { using parameter::operator=; };
struct act_dim_parameter final : parameter<act_dim_parameter, "act_dim"> { using parameter::operator=; };
struct max_ep_len_parameter final : parameter<max_ep_len_parameter, "max_ep_len"> { using parameter::operator=; };
// clang-format on
inline constexpr state_dim_parameter state_dim{};    ///< numbers that describe a state of the environment
inline constexpr act_dim_parameter act_dim{};        ///< numbers that describe an action
inline constexpr max_ep_len_parameter max_ep_len{};  ///< steps of an episode

/// What is known or wished of each step of an episode: (batch, steps, numbers).
template <fixed_string Name, auto Size>
struct episode : tensor<Name, dtype::float32, batch_size, sequence_length, Size> {
  static constexpr auto values = uniform<-2, 2>;
};
struct timesteps : tensor<"timesteps", dtype::int64, batch_size, sequence_length> {
  static constexpr auto values = uniform<0, max_ep_len>;
};
/// Optimum draws the mask like the other numbers, from [-2, 2).
struct step_mask : tensor<"attention_mask", dtype::float32, batch_size, sequence_length> {
  static constexpr auto values = uniform<-2, 2>;
};

/// Decision Transformer (`model_type` "decision_transformer"). A step is three tokens: return, state and action.
template <auto... Options>
struct DecisionTransformerOnnxConfig : OnnxConfig<DecisionTransformerOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "decision_transformer";
  static constexpr bool has_use_cache = true;
  static constexpr auto tasks = supports(feature_extraction, reinforcement_learning);
  static constexpr auto parameters = normalized(hidden_size = 128, state_dim = 17, act_dim = 4, max_ep_len = 4096);

  static consteval auto declared_inputs() {
    return tensors<episode<"states", state_dim>, episode<"actions", act_dim>, timesteps, episode<"returns_to_go", 1>,
                   step_mask>;
  }
  static consteval auto declared_outputs() {
    return tensors<episode<"state_preds", state_dim>, episode<"action_preds", act_dim>, episode<"return_preds", 1>,
                   last_hidden_state<named<"sequence_length", int_c<3> * sequence_length>>>;
  }
};

}  // namespace constexport
