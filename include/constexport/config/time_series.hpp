/// config/time_series.hpp: the middle-end class of time series.
///
/// Room: config. Includes core/ and onnx_config.hpp. models/patchtst.hpp derives from it.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/config/onnx_config.hpp>

namespace constexport {

// clang-format off
struct context_length_parameter final : parameter<context_length_parameter, "context_length"> { using parameter::operator=; };
struct prediction_length_parameter final : parameter<prediction_length_parameter, "prediction_length"> { using parameter::operator=; };
struct num_input_channels_parameter final : parameter<num_input_channels_parameter, "num_input_channels"> { using parameter::operator=; };
struct num_predicted_parameter final : parameter<num_predicted_parameter, "num_predicted", 1, "num_input_channels"> { using parameter::operator=; };
struct patch_length_parameter final : parameter<patch_length_parameter, "patch_length"> { using parameter::operator=; };
struct patch_stride_parameter final : parameter<patch_stride_parameter, "patch_stride"> { using parameter::operator=; };
struct use_cls_token_parameter final : parameter<use_cls_token_parameter, "use_cls_token", 0> { using parameter::operator=; };
// clang-format on

inline constexpr context_length_parameter context_length{};
inline constexpr prediction_length_parameter prediction_length{};
inline constexpr num_input_channels_parameter num_input_channels{};
inline constexpr num_predicted_parameter num_predicted{};  ///< channels that a forecast has
inline constexpr patch_length_parameter patch_length{};
inline constexpr patch_stride_parameter patch_stride{};
inline constexpr use_cls_token_parameter use_cls_token{};

/// Models that cut a series of `context_length` steps into patches, channel by channel.
template <class Derived, auto... Options>
struct TimeSeriesOnnxConfig : OnnxConfig<Derived, Options...> {
  using base = OnnxConfig<Derived, Options...>;
  static constexpr auto tasks = supports(feature_extraction, time_series_forecasting);
  static constexpr auto patches = convolved(max(context_length, patch_length), patch_length, patch_stride);

  struct past_values : dummy_shaped<tensor<"past_values", dtype::float32, batch_size, sequence_length,  //
                                           num_input_channels>,
                                    batch_size, context_length, num_input_channels> {
    static constexpr auto values = uniform<-1, 1>;
  };
  static consteval auto declared_inputs() { return tensors<past_values>; }
  static consteval auto declared_outputs() {
    if constexpr (base::task.name == feature_extraction.name)
      return tensors<
          tensor<"last_hidden_state", dtype::float32, batch_size, num_input_channels, Derived::patches, hidden_size>>;
    else
      return tensors<tensor<"prediction_outputs", dtype::float32, batch_size, prediction_length, num_predicted>>;
  }
};

}  // namespace constexport
