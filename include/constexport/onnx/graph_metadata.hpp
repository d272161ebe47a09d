/// onnx/graph_metadata.hpp: the ModelProto of a configuration as a constant.
///
/// Room: onnx. Includes config's messages (a configuration that is a template argument is checked by the compiler),
/// core and freestanding standard headers.
#pragma once

#include <constexport/config/messages.hpp>
#include <constexport/onnx/metadata.hpp>

#include <array>

namespace constexport {
namespace detail {

template <auto Config, metadata_options Options>
struct metadata_constant {
  static constexpr bound_contract bound = Config.bind();
  static constexpr metadata_writer writer{bound, Options};
  static constexpr auto bytes = [] {
    static_assert(
        writer.types.ok(),
        "constexport: a tensor has more than 32 dimensions, or the shapes take more than 16 KiB; declare fewer");
    std::array<char, wire::size_of(writer)> result{};
    wire::span_sink sink{result};
    writer(sink);
    return result;
  }();
};

inline constexpr std::array<char, 0> no_metadata{};

template <auto Config, metadata_options Options>
consteval auto const& checked_metadata() {
  if constexpr (is_right<Config>())
    return metadata_constant<Config, Options>::bytes;
  else
    return no_metadata;
}

}  // namespace detail

/// The ModelProto of a configuration's inputs and outputs: a valid ONNX file without nodes, in .rodata.
/// `constexpr GPT2OnnxConfig<text_generation, use_past> gpt2{num_layers = 96}; auto const& file =
/// graph_metadata<gpt2>;`
template <auto Config, metadata_options Options = metadata_options{}>
inline constexpr auto const& graph_metadata = detail::checked_metadata<Config, Options>();

}  // namespace constexport
