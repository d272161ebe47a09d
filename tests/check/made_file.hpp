/// tests/check/made_file.hpp: an ONNX file without nodes, made of a contract and then changed; as bytes, and described.
#pragma once

#include <constexport/check/described_file.hpp>
#include <constexport/onnx/declared_shape.hpp>
#include <constexport/onnx/messages.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace check_tests {

struct made_dim {
  std::int64_t size = -1;
  std::string param{};
};
struct made_tensor {
  std::string name;
  constexport::dtype type = constexport::dtype::undefined;
  std::vector<made_dim> dims{};
  bool is_ranked = true, has_default = false;
};

struct made_file {
  std::vector<made_tensor> inputs{}, outputs{};

  made_file(constexport::bound_contract const& bound, constexport::dim_naming naming) {
    auto const list = [&](auto const& rows, std::vector<made_tensor>& into) {
      for_each_tensor(rows, bound.sizes(), [&](constexport::tensor_row const& row, std::int64_t layer) {
        made_tensor& made = into.emplace_back();
        constexport::tensor_name{row.name, layer}.print([&](char c) { made.name += c; });
        made.type = row.type;
        made.is_ranked = !row.is_unstated;
        for (constexport::dimension const& each : row.dims) {
          made_dim& dim = made.dims.emplace_back();
          std::int64_t const size = evaluate(each.size, bound.sizes());
          if (size != constexport::unknown)
            dim.size = size;
          else if (is_dynamic(each, bound.table->symbols))
            print_dim_param(each, bound, naming, [&](char c) { dim.param += c; });
        }
      });
    };
    list(bound.table->inputs, inputs);
    list(bound.table->outputs, outputs);
  }

  std::string bytes() const {
    using namespace constexport;
    auto const write = [&](auto& sink) {
      std::array const opsets{wire::opset_id{{}, 18}};
      wire::model(sink, {.ir_version = 8, .producer_name = "test", .producer_version = "1", .opsets = opsets},
                  [&](auto& graph) {
                    wire::graph_name(graph, "graph");
                    for (made_tensor const& each : inputs)
                      if (each.has_default)
                        wire::message(graph, wire::graph_field::initializer,
                                      [&](auto& made) { wire::text(made, wire::tensor_field::name, each.name); });
                    for (made_tensor const& each : inputs) value(graph, wire::graph_field::input, each);
                    for (made_tensor const& each : outputs) value(graph, wire::graph_field::output, each);
                  });
    };
    wire::counter size;
    write(size);
    std::string result(static_cast<std::size_t>(size.size), '\0');
    wire::span_sink sink{result};
    write(sink);
    return result;
  }

  std::string text() const {
    std::string result;
    for (auto const* const list : {&inputs, &outputs}) {
      for (made_tensor const& each : *list) {
        result += each.name + (each.has_default ? " = ? [" : " [");
        for (made_dim const& dim : each.dims)
          result += (dim.size >= 0 ? std::to_string(dim.size) : '"' + dim.param + '"') + ", ";
        result += each.is_ranked ? "], " : "no rank], ";
      }
      result += list == &inputs ? "->\n" : "\n";
    }
    return result;
  }

 private:
  static void value(auto& graph, constexport::wire::field_number field, made_tensor const& made) {
    using namespace constexport;
    wire::message(graph, field, [&](auto& info) {
      wire::text(info, wire::value_info_field::name, made.name);
      wire::message(info, wire::value_info_field::type, [&](auto& type) {
        wire::message(type, wire::type_field::tensor_type, [&](auto& tensor) {
          wire::integer(tensor, wire::tensor_type_field::elem_type, static_cast<std::int64_t>(made.type));
          if (!made.is_ranked) return;
          wire::message(tensor, wire::tensor_type_field::shape, [&](auto& shape) {
            for (made_dim const& each : made.dims) wire::dim(shape, {each.size, each.param});
          });
        });
      });
    });
  }
};

/// What `constexport header` writes of the file.
struct described {
  std::deque<std::vector<constexport::described_dim>> dims;
  std::vector<constexport::described_tensor> inputs, outputs;
  constexport::described_file value;

  explicit described(made_file const& file) : inputs(list(file.inputs)), outputs(list(file.outputs)) {
    value = {inputs, outputs, 18};
  }

 private:
  std::vector<constexport::described_tensor> list(std::vector<made_tensor> const& made) {
    std::vector<constexport::described_tensor> result;
    for (made_tensor const& each : made) {
      auto& sizes = dims.emplace_back();
      for (made_dim const& dim : each.dims) sizes.push_back({dim.size, dim.param});
      bool const has_default = std::ranges::any_of(
          made, [&](made_tensor const& other) { return other.has_default && other.name == each.name; });
      result.push_back({each.name, each.type, sizes, each.is_ranked, has_default});
    }
    return result;
  }
};

}  // namespace check_tests
