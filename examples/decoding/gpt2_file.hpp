// An ONNX file with the graph of GPT-2 and random weights, made with the library's wire writer alone.
#pragma once

#include <constexport/models/gpt2.hpp>
#include <constexport/onnx/messages.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <ostream>
#include <span>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace decoding {

struct gpt2_sizes {
  std::int64_t layers = 2, heads = 2, hidden = 16, vocabulary = 50, positions = 64;
  bool reads_past = true;  ///< false: for the first step, which only writes its key/values
};

/// Collects the graph first: a message is written twice, once to count its bytes. Weights are drawn where they are
/// written, so that a file of any size takes little memory.
class gpt2_graph {
 public:
  explicit gpt2_graph(gpt2_sizes const& sizes) : sizes_(sizes) {
    constants();
    std::string hidden = embeddings();
    for (std::int64_t layer = 0; layer < sizes.layers; ++layer) hidden = block(layer, hidden);
    // The tokens' embeddings are the head's weights, too.
    std::string const head = add("Transpose", {"wte"}, {}, {{"perm", {1, 0}}});
    add("MatMul", {norm("ln_f", hidden), head}, {"logits"});
  }

  void write(std::ostream& sink) const {
    std::array const opsets{constexport::wire::opset_id{{}, 18}};
    constexport::wire::model(sink, {.ir_version = 8, .opsets = opsets}, [&](auto& graph) { write_graph(graph); });
  }

 private:
  using dtype = constexport::dtype;
  struct constant {
    std::string name;
    dtype type;
    std::vector<std::int64_t> dims;
    std::string data;  // of a constant; weights have none
    float scale = 0, middle = 0;
  };
  struct node {
    std::string op;
    std::vector<std::string> inputs, outputs;
    std::vector<std::pair<std::string, std::vector<std::int64_t>>> lists;
    std::vector<std::pair<std::string, std::int64_t>> numbers;
  };

  // Nodes in topological order, which ONNX wants; wire.hpp wants fields in ascending order, and nodes come first.
  void write_graph(auto& graph) const {
    using namespace constexport;
    for (node const& each : nodes_)
      wire::node(graph, {each.op}, each.inputs, each.outputs, [&](auto& at) {
        for (auto const& [name, values] : each.lists) wire::attribute_ints(at, name, values);
        for (auto const& [name, value] : each.numbers) wire::attribute_int(at, name, value);
      });
    wire::graph_name(graph, "gpt2");
    for (std::size_t i = 0; i < constants_.size(); ++i) {
      constant const& each = constants_[i];
      wire::tensor_head const head{each.name, each.type, each.dims};
      if (each.scale == 0)
        wire::initializer(graph, head, each.data);
      else
        wire::initializer(graph, head, count(each) * sizeof(float), [&](auto& sink) { draw(sink, i); });
    }
    using shape = std::vector<wire::shape_dim>;
    auto const value = [&](wire::field_number field, std::string const& name, dtype type, shape const& dims) {
      wire::value(graph, field, std::string_view{name}, type, dims);
    };
    wire::shape_dim const batch{-1, "batch_size"}, length{-1, "sequence_length"}, past{-1, "past_sequence_length"},
        total{-1, sizes_.reads_past ? "past_sequence_length + sequence_length" : "sequence_length"},
        heads{sizes_.heads}, head{sizes_.hidden / sizes_.heads};
    value(wire::graph_field::input, "input_ids", dtype::int64, {batch, length});
    value(wire::graph_field::input, "attention_mask", dtype::int64, {batch, total});
    for (std::int64_t i = 0; i < (sizes_.reads_past ? sizes_.layers : 0); ++i)
      for (char const* const part : {".key", ".value"})
        value(wire::graph_field::input, "past_key_values." + std::to_string(i) + part, dtype::float32,
              {batch, heads, past, head});
    value(wire::graph_field::input, "position_ids", dtype::int64, {batch, length});
    value(wire::graph_field::output, "logits", dtype::float32, {batch, length, wire::shape_dim{sizes_.vocabulary}});
    for (std::int64_t i = 0; i < sizes_.layers; ++i)
      for (char const* const part : {".key", ".value"})
        value(wire::graph_field::output, "present." + std::to_string(i) + part, dtype::float32,
              {batch, heads, total, head});
  }

  std::string add(std::string op, std::vector<std::string> inputs, std::vector<std::string> outputs = {},
                  std::vector<std::pair<std::string, std::vector<std::int64_t>>> lists = {},
                  std::vector<std::pair<std::string, std::int64_t>> numbers = {}) {
    if (outputs.empty()) outputs.push_back("v" + std::to_string(nodes_.size()));
    std::string result = outputs.front();
    nodes_.push_back({std::move(op), std::move(inputs), std::move(outputs), std::move(lists), std::move(numbers)});
    return result;
  }

  template <class T>
  std::string number(std::string name, dtype type, std::vector<T> const& values, bool scalar = false) {
    std::string data(values.size() * sizeof(T), '\0');
    std::memcpy(data.data(), values.data(), data.size());
    std::vector<std::int64_t> dims;
    if (!scalar) dims.push_back(static_cast<std::int64_t>(values.size()));
    constants_.push_back({name, type, std::move(dims), std::move(data)});
    return name;
  }
  std::string weight(std::string name, std::vector<std::int64_t> dims, float scale, float middle = 0) {
    constants_.push_back({name, dtype::float32, std::move(dims), {}, scale, middle});
    return name;
  }
  static std::uint64_t count(constant const& weight) {
    std::uint64_t elements = 1;
    for (std::int64_t const size : weight.dims) elements *= static_cast<std::uint64_t>(size);
    return elements;
  }
  // Each weight has numbers of its own, the same whenever they are drawn.
  void draw(auto& sink, std::size_t number) const {
    constant const& weight = constants_[number];
    std::uint64_t state = number + 1;
    std::array<float, 4096> piece;
    for (std::uint64_t left = count(weight); left > 0;) {
      std::size_t const size = std::min<std::uint64_t>(left, piece.size());
      for (float& value : std::span(piece).first(size)) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        value = weight.middle + weight.scale * (static_cast<float>(state >> 40) / 8388608.0f - 1.0f);
      }
      sink.write(reinterpret_cast<char const*>(piece.data()), static_cast<std::streamsize>(size * sizeof(float)));
      left -= size;
    }
  }

  void constants() {
    number<std::int64_t>("zero", dtype::int64, {0}, true);
    number<std::int64_t>("one", dtype::int64, {1}, true);
    number<std::int64_t>("at_0", dtype::int64, {0});
    number<std::int64_t>("at_1", dtype::int64, {1});
    number<std::int64_t>("at_1_2", dtype::int64, {1, 2});
    number<float>("hidden_score", dtype::float32, {-1e9f}, true);
    number<float>("scale", dtype::float32, {1 / std::sqrt(static_cast<float>(sizes_.hidden / sizes_.heads))}, true);
    number<std::int64_t>("split", dtype::int64, {0, 0, sizes_.heads, sizes_.hidden / sizes_.heads});
    number<std::int64_t>("joined", dtype::int64, {0, 0, sizes_.hidden});
    weight("wte", {sizes_.vocabulary, sizes_.hidden}, 0.5f);
    weight("wpe", {sizes_.positions, sizes_.hidden}, 0.3f);
  }

  // Token j is seen by token i if it is not behind it and its mask is 1.
  std::string embeddings() {
    std::string const past =
        !sizes_.reads_past
            ? "zero"
            : add("Squeeze", {add("Shape", {"past_key_values.0.key"}, {}, {}, {{"start", 2}, {"end", 3}})});
    std::string const total = add("Squeeze", {add("Shape", {"attention_mask"}, {}, {}, {{"start", 1}, {"end", 2}})});
    std::string const keys = add("Range", {"zero", total, "one"}), queries = add("Range", {past, total, "one"});
    std::string const causal =
        add("LessOrEqual", {add("Unsqueeze", {keys, "at_0"}), add("Unsqueeze", {queries, "at_1"})});
    std::string const masked = add("Unsqueeze", {add("Cast", {"attention_mask"}, {}, {}, {{"to", 9}}), "at_1_2"});
    add("And", {causal, masked}, {"seen"});
    return add("Add", {add("Gather", {"wte", "input_ids"}), add("Gather", {"wpe", "position_ids"})});
  }

  std::string norm(std::string const& name, std::string const& input) {
    return add(
        "LayerNormalization",
        {input, weight(name + ".weight", {sizes_.hidden}, 0.1f, 1), weight(name + ".bias", {sizes_.hidden}, 0.1f)}, {},
        {}, {{"axis", -1}});
  }
  std::string linear(std::string const& name, std::string const& input, std::int64_t in, std::int64_t out) {
    float const scale = 1 / std::sqrt(static_cast<float>(in));
    return add("Add", {add("MatMul", {input, weight(name + ".weight", {in, out}, scale)}),
                       weight(name + ".bias", {out}, 0.1f)});
  }

  std::string block(std::int64_t layer, std::string const& hidden) {
    std::string const number = std::to_string(layer), name = "h." + number;
    std::string const all = linear(name + ".c_attn", norm(name + ".ln_1", hidden), sizes_.hidden, 3 * sizes_.hidden);
    std::vector<std::string> const parts{name + ".q", name + ".k", name + ".v"};
    add("Split", {all}, parts, {}, {{"axis", -1}, {"num_outputs", 3}});
    auto const by_head = [&](std::string const& part) {
      return add("Transpose", {add("Reshape", {part, "split"})}, {}, {{"perm", {0, 2, 1, 3}}});
    };
    auto const joined = [&](std::string const& part, char const* of) {
      std::string const present = "present." + number + of;
      if (!sizes_.reads_past) return add("Identity", {by_head(part)}, {present});
      return add("Concat", {"past_key_values." + number + of, by_head(part)}, {present}, {}, {{"axis", 2}});
    };
    std::string const query = by_head(parts[0]), keys = joined(parts[1], ".key"), values = joined(parts[2], ".value");
    std::string const turned = add("Transpose", {keys}, {}, {{"perm", {0, 1, 3, 2}}});
    std::string const scores =
        add("Where", {"seen", add("Mul", {add("MatMul", {query, turned}), "scale"}), "hidden_score"});
    std::string const mixed = add("MatMul", {add("Softmax", {scores}, {}, {}, {{"axis", -1}}), values});
    std::string const flat = add("Reshape", {add("Transpose", {mixed}, {}, {{"perm", {0, 2, 1, 3}}}), "joined"});
    std::string const attended = add("Add", {hidden, linear(name + ".c_proj", flat, sizes_.hidden, sizes_.hidden)});
    std::string const wide = linear(name + ".c_fc", norm(name + ".ln_2", attended), sizes_.hidden, 4 * sizes_.hidden);
    return add("Add", {attended, linear(name + ".mlp", add("Relu", {wide}), 4 * sizes_.hidden, sizes_.hidden)});
  }

  gpt2_sizes sizes_;
  std::vector<constant> constants_;
  std::vector<node> nodes_;
};

/// The bytes of the file.
inline std::string gpt2_file(gpt2_sizes const& sizes) {
  std::ostringstream sink;
  gpt2_graph(sizes).write(sink);
  return std::move(sink).str();
}

}  // namespace decoding
