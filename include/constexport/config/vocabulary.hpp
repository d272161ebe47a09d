/// config/vocabulary.hpp: the axes and parameters that the catalogue's models share.
///
/// Room: config. Includes core/ only. A new axis or parameter is one line here, or in a user's own file. The sizes are
/// Optimum's DEFAULT_DUMMY_SHAPES (optimum/utils/input_generators.py).
#pragma once

#include <constexport/core/parameter_array.hpp>

#include <array>

namespace constexport {

// clang-format off
// Axes: name, size in dummies, smallest size.
struct batch_size_axis final : axis<batch_size_axis, "batch_size", 2> { using axis::operator=; };
struct sequence_length_axis final : axis<sequence_length_axis, "sequence_length", 16> { using axis::operator=; };
struct past_sequence_length_axis final : axis<past_sequence_length_axis, "past_sequence_length", 16, 0> {
  using axis::operator=; static constexpr std::string_view follows = "sequence_length"; };
struct encoder_sequence_length_axis final : axis<encoder_sequence_length_axis, "encoder_sequence_length", 16> {
  using axis::operator=; static constexpr std::string_view follows = "sequence_length"; };
struct decoder_sequence_length_axis final : axis<decoder_sequence_length_axis, "decoder_sequence_length", 16> {
  using axis::operator=; static constexpr std::string_view follows = "sequence_length"; };
struct past_decoder_sequence_length_axis final
    : axis<past_decoder_sequence_length_axis, "past_decoder_sequence_length", 16, 0> {
  using axis::operator=; static constexpr std::string_view follows = "sequence_length"; };
struct num_choices_axis final : axis<num_choices_axis, "num_choices", 4> { using axis::operator=; };
struct text_batch_size_axis final : axis<text_batch_size_axis, "text_batch_size", 2> {
  using axis::operator=; static constexpr std::string_view follows = "batch_size"; };
struct image_channels_axis final : axis<image_channels_axis, "num_channels", 3> { using axis::operator=; };
struct height_axis final : axis<height_axis, "height", 64> { using axis::operator=; };
struct width_axis final : axis<width_axis, "width", 64> { using axis::operator=; };
// The pixels and latents of diffusion models; dummies have the model's own size, or that of height and width.
struct sample_height_axis final : axis<sample_height_axis, "sample_height", 64> {
  using axis::operator=; static constexpr std::string_view follows = "height"; };
struct sample_width_axis final : axis<sample_width_axis, "sample_width", 64> {
  using axis::operator=; static constexpr std::string_view follows = "width"; };
struct latent_height_axis final : axis<latent_height_axis, "latent_height", 64> {
  using axis::operator=; static constexpr std::string_view follows = "height"; };
struct latent_width_axis final : axis<latent_width_axis, "latent_width", 64> {
  using axis::operator=; static constexpr std::string_view follows = "width"; };
struct packed_height_width_axis final : axis<packed_height_width_axis, "packed_height_width", 1024> { using axis::operator=; };
struct step_axis final : axis<step_axis, "step", 2> {
  using axis::operator=; static constexpr std::string_view follows = "batch_size"; };
struct image_batch_size_axis final : axis<image_batch_size_axis, "image_batch_size", 2> {
  using axis::operator=; static constexpr std::string_view follows = "batch_size"; };
struct visual_seq_length_axis final : axis<visual_seq_length_axis, "visual_seq_length", 16> { using axis::operator=; };
struct point_batch_size_axis final : axis<point_batch_size_axis, "point_batch_size", 3> { using axis::operator=; };
struct nb_points_per_image_axis final : axis<nb_points_per_image_axis, "nb_points_per_image", 2> { using axis::operator=; };
struct nb_max_frames_axis final : axis<nb_max_frames_axis, "nb_max_frames", 3000> { using axis::operator=; };
struct audio_sequence_length_axis final : axis<audio_sequence_length_axis, "audio_sequence_length", 16000> {
  using axis::operator=; };

struct n_samples_axis final : axis<n_samples_axis, "n_samples"> {
  using axis::operator=; static constexpr bool is_free = true; };

inline constexpr batch_size_axis batch_size{};
inline constexpr sequence_length_axis sequence_length{};
inline constexpr past_sequence_length_axis past_sequence_length{};
inline constexpr encoder_sequence_length_axis encoder_sequence_length{};
inline constexpr decoder_sequence_length_axis decoder_sequence_length{};
inline constexpr past_decoder_sequence_length_axis past_decoder_sequence_length{};
inline constexpr num_choices_axis num_choices{};
inline constexpr text_batch_size_axis text_batch_size{};
inline constexpr image_channels_axis image_channels{};  ///< called `num_channels` in files, like the parameter
inline constexpr height_axis height{};
inline constexpr width_axis width{};
inline constexpr sample_height_axis sample_height{};
inline constexpr sample_width_axis sample_width{};
inline constexpr latent_height_axis latent_height{};
inline constexpr latent_width_axis latent_width{};
inline constexpr packed_height_width_axis packed_height_width{};
inline constexpr step_axis denoising_step{};  ///< called `step` in files; a short name would be shadowed by every loop
inline constexpr image_batch_size_axis image_batch_size{};
inline constexpr visual_seq_length_axis visual_seq_length{};
inline constexpr point_batch_size_axis point_batch_size{};
inline constexpr nb_points_per_image_axis nb_points_per_image{};
inline constexpr nb_max_frames_axis nb_max_frames{};
inline constexpr audio_sequence_length_axis audio_sequence_length{};
inline constexpr n_samples_axis n_samples{};  ///< of a waveform that a model speaks

// Parameters, by the name that most `config.json` files give them.
struct num_layers_parameter final : parameter<num_layers_parameter, "num_hidden_layers"> { using parameter::operator=; };
struct num_attention_heads_parameter final : parameter<num_attention_heads_parameter, "num_attention_heads"> {
  using parameter::operator=; };
struct num_key_value_heads_parameter final : parameter<num_key_value_heads_parameter, "num_key_value_heads"> {
  using parameter::operator=; };
struct head_dim_parameter final : parameter<head_dim_parameter, "head_dim"> { using parameter::operator=; };
struct hidden_size_parameter final : parameter<hidden_size_parameter, "hidden_size"> { using parameter::operator=; };
struct vocab_size_parameter final : parameter<vocab_size_parameter, "vocab_size"> { using parameter::operator=; };
struct type_vocab_size_parameter final : parameter<type_vocab_size_parameter, "type_vocab_size", 0> {
  using parameter::operator=; };
struct num_labels_parameter final : parameter<num_labels_parameter, "num_labels", 1, "num_labels|id2label#"> { using parameter::operator=; };
// 0: the model states no image size.
struct image_height_parameter final : parameter<image_height_parameter, "image_height", 0, "image_size[0]"> {
  using parameter::operator=; };
struct image_width_parameter final : parameter<image_width_parameter, "image_width", 0, "image_size[1]"> {
  using parameter::operator=; };
struct patch_size_parameter final : parameter<patch_size_parameter, "patch_size", 1, "patch_size[0]"> {
  using parameter::operator=; };
struct num_queries_parameter final : parameter<num_queries_parameter, "num_queries"> { using parameter::operator=; };
struct num_stages_parameter final : parameter<num_stages_parameter, "num_stages", 1, "depths#"> { using parameter::operator=; };
struct encoder_stride_parameter final : parameter<encoder_stride_parameter, "encoder_stride"> {
  using parameter::operator=; };
struct num_channels_parameter final : parameter<num_channels_parameter, "num_channels"> { using parameter::operator=; };
struct out_channels_parameter final : parameter<out_channels_parameter, "out_channels"> { using parameter::operator=; };
struct latent_channels_parameter final : parameter<latent_channels_parameter, "latent_channels"> {
  using parameter::operator=; };
struct projection_dim_parameter final : parameter<projection_dim_parameter, "projection_dim"> {
  using parameter::operator=; };
struct feature_size_parameter final : parameter<feature_size_parameter, "feature_size"> { using parameter::operator=; };
struct xvector_output_dim_parameter final : parameter<xvector_output_dim_parameter, "xvector_output_dim"> {
  using parameter::operator=; };
struct conv_kernel_array final : parameter_array<"conv_kernel"> {};
struct conv_stride_array final : parameter_array<"conv_stride"> {};
struct max_source_positions_parameter final : parameter<max_source_positions_parameter, "max_source_positions"> {
  using parameter::operator=; };

inline constexpr num_layers_parameter num_layers{};
inline constexpr num_attention_heads_parameter num_attention_heads{};
inline constexpr num_key_value_heads_parameter num_key_value_heads{};  ///< fewer than the heads: grouped queries
inline constexpr head_dim_parameter head_dim{};
inline constexpr hidden_size_parameter hidden_size{};
inline constexpr vocab_size_parameter vocab_size{};
inline constexpr type_vocab_size_parameter type_vocab_size{};
inline constexpr num_labels_parameter num_labels{};
inline constexpr image_height_parameter image_height{};
inline constexpr image_width_parameter image_width{};
inline constexpr patch_size_parameter patch_size{};
inline constexpr num_queries_parameter num_queries{};
inline constexpr num_stages_parameter num_stages{};  ///< stages of a pyramid of feature maps
inline constexpr encoder_stride_parameter encoder_stride{};
inline constexpr num_channels_parameter num_channels{};
inline constexpr out_channels_parameter out_channels{};
inline constexpr latent_channels_parameter latent_channels{};
inline constexpr projection_dim_parameter projection_dim{};
inline constexpr feature_size_parameter feature_size{};
inline constexpr xvector_output_dim_parameter xvector_output_dim{};
inline constexpr conv_kernel_array conv_kernel{};
inline constexpr conv_stride_array conv_stride{};
inline constexpr max_source_positions_parameter max_source_positions{};
// clang-format on

/// Strides of a model's stages.
struct strides_array final : parameter_array<"strides", 8> {};
inline constexpr strides_array strides{};

namespace detail {

template <class Symbol>
consteval std::array<model_parameter, 1> parameters_from(binding<Symbol> const& one) {
  return {model_parameter(one)};
}
template <std::size_t Size>
consteval std::array<model_parameter, Size> parameters_from(std::array<model_parameter, Size> const& many) {
  return many;
}
template <class... Arrays>
consteval auto concatenate(Arrays const&... arrays) {
  std::array<model_parameter, (std::tuple_size_v<Arrays> + ... + 0)> result{};
  std::size_t at = 0;
  [[maybe_unused]] auto const append = [&](auto const& array) {
    for (model_parameter const& each : array) result[at++] = each;
  };
  (append(arrays), ...);
  return result;
}

}  // namespace detail

/// The size of a model's images, which `config.json` has at `Path` as a number or as a pair: `image_size(224)`,
/// `image_size<"vision_config.image_size">(224)`, `image_size(32, 128)`. Null is no size: dummies then have that of the
/// axes.
template <fixed_string Path = "image_size">
consteval auto image_size(std::int64_t rows, std::int64_t columns) {
  return detail::concatenate(
      detail::parameters_from(or_if_null(image_height.template named<detail::indexed_name<Path, 0>> = rows, int_c<0>)),
      detail::parameters_from(
          or_if_null(image_width.template named<detail::indexed_name<Path, 1>> = columns, int_c<0>)));
}
template <fixed_string Path = "image_size">
consteval auto image_size(std::int64_t side) {
  return image_size<Path>(side, side);
}

/// The parameters of a model with their defaults (the counterpart of Optimum's NormalizedConfig):
/// `normalized(num_layers.named<"n_layer"> = 12, vocab_size = 50257, conv_kernel.of<10, 3>())`. What another model has
/// declared can be taken over: `normalized(BertOnnxConfig<>::parameters, vocab_size = 5)`; the last value counts.
template <class... Parameters>
consteval auto normalized(Parameters... parameters) {
  return detail::concatenate(detail::parameters_from(parameters)...);
}

}  // namespace constexport
