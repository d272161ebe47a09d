/// onnx/node_message.hpp: nodes and their attributes, written with wire.hpp.
///
/// Room: onnx. Includes freestanding standard headers only; no heap, no exceptions. Part of messages.hpp.
#pragma once

#include <constexport/onnx/tensor_message.hpp>
#include <constexport/onnx/wire.hpp>

#include <cstdint>
#include <span>
#include <string_view>

namespace constexport::wire {

namespace detail {

template <Sink S, class Value>
constexpr void attribute(S& node, std::string_view name, attribute_type type, Value const& value) {
  message(node, node_field::attribute, [&](auto& at) {
    text(at, attribute_field::name, name);
    value(at);
    integer(at, attribute_field::type, static_cast<std::int64_t>(type));
  });
}

}  // namespace detail

/// What a node is. An empty input name is an optional input left out; the domain "" is ai.onnx.
struct node_head {
  std::string_view op_type;
  std::string_view name{};
  std::string_view domain{};
};

namespace detail {

template <Sink S, class Inputs, class Outputs, class Attributes>
constexpr void node(S& sink, field_number field, node_head const& head, Inputs const& inputs, Outputs const& outputs,
                    Attributes const& attributes) {
  message(sink, field, [&](auto& at) {
    for (auto const& name : inputs) text(at, node_field::input, name);
    for (auto const& name : outputs) text(at, node_field::output, name);
    detail::text_if_any(at, node_field::name, head.name);
    text(at, node_field::op_type, head.op_type);
    attributes(at);
    detail::text_if_any(at, node_field::domain, head.domain);
  });
}

}  // namespace detail

/// A node. `inputs` and `outputs` are ranges of names; `attributes(sink)` calls the `attribute_...` functions.
template <Sink S, class Inputs, class Outputs, class Attributes>
constexpr void node(S& graph, node_head const& head, Inputs const& inputs, Outputs const& outputs,
                    Attributes const& attributes) {
  detail::node(graph, graph_field::node, head, inputs, outputs, attributes);
}
/// A node without attributes.
template <Sink S, class Inputs, class Outputs>
constexpr void node(S& graph, node_head const& head, Inputs const& inputs, Outputs const& outputs) {
  node(graph, head, inputs, outputs, [](auto&) {});
}

/// The attributes of a node, one function per type. The type is always written: readers insist on it.
template <Sink S>
constexpr void attribute_float(S& node, std::string_view name, float number_value) {
  detail::attribute(node, name, attribute_type::float_value,
                    [&](auto& at) { number(at, attribute_field::f, number_value); });
}
template <Sink S>
constexpr void attribute_int(S& node, std::string_view name, std::int64_t number_value) {
  detail::attribute(node, name, attribute_type::int_value,
                    [&](auto& at) { integer(at, attribute_field::i, number_value); });
}
template <Sink S>
constexpr void attribute_string(S& node, std::string_view name, std::string_view characters) {
  detail::attribute(node, name, attribute_type::string_value,
                    [&](auto& at) { text(at, attribute_field::s, characters); });
}
/// `data` as for `tensor`.
template <Sink S, class... Data>
constexpr void attribute_tensor(S& node, std::string_view name, tensor_head const& head, Data const&... data) {
  detail::attribute(node, name, attribute_type::tensor_value,
                    [&](auto& at) { tensor(at, attribute_field::t, head, data...); });
}
/// `body(sink)` writes the graph as in `model`.
template <Sink S, class Body>
constexpr void attribute_graph(S& node, std::string_view name, Body const& body) {
  detail::attribute(node, name, attribute_type::graph_value, [&](auto& at) { message(at, attribute_field::g, body); });
}
template <Sink S>
constexpr void attribute_floats(S& node, std::string_view name, std::span<float const> numbers) {
  detail::attribute(node, name, attribute_type::floats, [&](auto& at) {
    for (float const each : numbers) number(at, attribute_field::floats, each);
  });
}
template <Sink S>
constexpr void attribute_ints(S& node, std::string_view name, std::span<std::int64_t const> numbers) {
  detail::attribute(node, name, attribute_type::ints, [&](auto& at) {
    for (std::int64_t const each : numbers) integer(at, attribute_field::ints, each);
  });
}
/// `texts` is a range of strings.
template <Sink S, class Texts>
constexpr void attribute_strings(S& node, std::string_view name, Texts const& texts) {
  detail::attribute(node, name, attribute_type::strings, [&](auto& at) {
    for (auto const& each : texts) text(at, attribute_field::strings, each);
  });
}

}  // namespace constexport::wire
