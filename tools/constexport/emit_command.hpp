/// tools/constexport/emit_command.hpp: `constexport emit`.
#pragma once

#include "axes.hpp"
#include "header_command.hpp"
#include "output.hpp"
#include "selection.hpp"
#include <constexport/emit/c_header.hpp>
#include <constexport/emit/genai.hpp>
#include <constexport/emit/onnxruntime_dims.hpp>
#include <constexport/emit/openvino.hpp>
#include <constexport/emit/python_axes.hpp>
#include <constexport/emit/python_shapes.hpp>
#include <constexport/emit/tensorrt.hpp>
#include <constexport/emit/triton.hpp>

#include <charconv>
#include <cstdio>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

namespace constexport::command {

inline constexpr std::string_view emit_formats[] = {
    "trtexec",      "polygraphy",     "openvino", "triton",   "onnxruntime",   "onnxruntime-json",
    "dynamic-axes", "dynamic-shapes", "genai",    "c-header", "c-dummy-inputs"};

struct emit_arguments {
  std::string format, name = "model", filename = "model.onnx", test_data{}, output{};
  std::vector<std::string> limits{}, axes{};
  selection contract{};
};

inline void add_emit(CLI::App& to, emit_arguments& given) {
  std::set<std::string> const formats(std::begin(emit_formats), std::end(emit_formats));
  to.add_option("format", given.format,
                "trtexec, polygraphy: profiles; openvino: shapes; triton: config.pbtxt; onnxruntime, "
                "onnxruntime-json: free-dimension overrides; dynamic-axes, dynamic-shapes: Python; genai: "
                "genai_config.json; c-header, c-dummy-inputs: C, the latter with dummy inputs as constants")
      ->required()
      ->check(CLI::IsMember(formats))
      ->type_name("FORMAT");
  add_selection(to, given.contract);
  to.add_option("--limit", given.limits, "The largest size of an axis; may be given several times")
      ->type_name("NAME=SIZE")
      ->expected(1)
      ->take_all();
  to.add_option("--axis", given.axes, "The only size of an axis, or its range; may be given several times")
      ->type_name("NAME=SIZE|MIN:MAX|MIN:USUAL:MAX")
      ->expected(1)
      ->take_all();
  to.add_option("--test-data", given.test_data,
                "With c-header: inputs and expected outputs as constants, of input_K.pb and output_K.pb in this folder")
      ->type_name("FOLDER");
  to.add_option("--filename", given.filename, "With genai: the name of the ONNX file (default: model.onnx)")
      ->type_name("FILE.onnx");
  to.add_option("-o,--output", given.output, "The file to write (default: the standard output)")->type_name("FILE");
  to.add_option("--name", given.name, "With triton, c-header, c-dummy-inputs: the model's name (default: model)")
      ->type_name("NAME");
  to.footer("Example: constexport emit trtexec --contract model.json --limit batch_size=32");
}

namespace detail {

// NAME=SIZE, NAME=MIN:MAX or NAME=MIN:USUAL:MAX; an open side is left empty.
inline axis_limit parse_choice(std::string const& text) {
  std::size_t const sign = text.find('=');
  std::vector<std::int64_t> sizes;
  bool ok = sign != std::string::npos && sign > 0 && sign + 1 < text.size();
  for (std::size_t at = sign + 1; ok && at <= text.size();) {
    std::size_t const end = std::min(text.find(':', at), text.size());
    std::int64_t size = unknown;
    if (end > at) {
      auto const [stop, error] = std::from_chars(text.data() + at, text.data() + end, size);
      ok = error == std::errc{} && stop == text.data() + end && size >= 0;
    }
    sizes.push_back(size);
    at = end + 1;
  }
  if (!ok || sizes.size() > 3)
    throw usage_error("--axis \"" + text +
                      "\": expected NAME=SIZE, NAME=MIN:MAX or NAME=MIN:USUAL:MAX, for example batch_size=1:8:64");
  axis_limit result{text.substr(0, sign)};
  result.minimum = sizes.front();
  result.maximum = sizes.back();
  if (sizes.size() != 2) result.usual = sizes[sizes.size() / 2];
  return result;
}

inline std::int64_t number_in(nlohmann::json const& config, std::initializer_list<char const*> names) {
  for (char const* const name : names)
    if (auto const at = config.find(name); at != config.end() && at->is_number_integer())
      return at->get<std::int64_t>();
  return unknown;
}

// What a config.json has beside the parameters of the contract.
inline genai_settings settings_of(emit_arguments const& given) {
  genai_settings result{given.filename};
  if (!given.contract.config.empty()) {
    nlohmann::json const config = read_json(given.contract.config);
    result.context_length = number_in(config, {"max_position_embeddings", "n_positions", "max_seq_len", "seq_length"});
    result.bos_token_id = number_in(config, {"bos_token_id"});
    result.pad_token_id = number_in(config, {"pad_token_id"});
    if (auto const ends = config.find("eos_token_id"); ends != config.end())
      for (nlohmann::json const& id : ends->is_array() ? *ends : nlohmann::json::array({*ends}))
        if (id.is_number_integer()) result.eos_token_ids.push_back(id.get<std::int64_t>());
  }
  std::string missing;
  auto const need = [&](bool is_there, char const* name) {
    if (!is_there) constexport::detail::append(missing, ", ", name);
  };
  need(result.context_length != unknown, "context_length");
  need(result.bos_token_id != unknown, "bos_token_id");
  need(!result.eos_token_ids.empty(), "eos_token_id");
  if (!missing.empty())
    say("a contract does not say " + missing + ": " +
        (given.contract.config.empty() ? "give --config config.json, or add them" : "add them"));
  return result;
}

// The names of the dimensions of an ONNX file's inputs; none of a contract file.
inline std::set<std::string> dim_params_of(std::string const& path) {
  std::set<std::string> result;
  if (!path.ends_with(".onnx")) return result;
  onnx_file const file(path);
  for (wire::value_view const value : file.model().graph.inputs())
    for (wire::dim_view const dim : value.dims())
      if (!dim.has_value && !dim.param.empty()) result.emplace(dim.param);
  return result;
}

// One set of ONNX's layout. Throws usage_error if there is none.
inline test_data read_test_data(std::filesystem::path const& folder) {
  test_data result;
  for (auto const& [kind, into] : {std::pair{"input_", &result.inputs}, std::pair{"output_", &result.outputs}})
    for (std::error_code error;;) {
      std::filesystem::path const file = folder / (kind + std::to_string(into->size()) + ".pb");
      if (!std::filesystem::exists(file, error)) break;
      into->push_back({file.string(), read_text(file.string())});
    }
  if (result.inputs.empty() && result.outputs.empty())
    throw usage_error("--test-data " + folder.string() +
                      ": no input_0.pb or output_0.pb; give a test_data_set_N folder");
  return result;
}

}  // namespace detail

inline int run_emit(emit_arguments const& given) {
  chosen_contract const chosen = choose(given.contract);
  bound_contract const bound = chosen.bound();
  std::vector<axis_limit> limits;
  for (std::string const& text : given.limits) {
    axis_size const each = parse_axis(text, "--limit");
    limits.push_back({each.name, each.size});
  }
  for (std::string const& text : given.axes) limits.push_back(detail::parse_choice(text));
  header_constants constants{given.format == "c-dummy-inputs"};
  test_data data;
  if (!given.test_data.empty()) {
    if (!given.format.starts_with("c-")) throw usage_error("--test-data goes with c-header");
    data = detail::read_test_data(given.test_data);
    constants.data = &data;
  }
  auto const names = [&] { return detail::dim_params_of(given.contract.contract_file); };
  std::string text;
  try {
    text = given.format == "trtexec"            ? trtexec_arguments(bound, limits)
           : given.format == "polygraphy"       ? polygraphy_arguments(bound, limits)
           : given.format == "openvino"         ? openvino_shapes(bound, limits)
           : given.format == "triton"           ? triton_config(bound, given.name, limits)
           : given.format == "onnxruntime"      ? onnxruntime_arguments(bound, limits, names())
           : given.format == "onnxruntime-json" ? onnxruntime_json(bound, limits, names())
           : given.format == "dynamic-axes"     ? python_dynamic_axes(bound, limits)
           : given.format == "dynamic-shapes"   ? python_dynamic_shapes(bound, limits)
           : given.format.starts_with("c-")     ? c_header(bound, given.name, limits, constants)
                                            : genai_config(limited(bound, limits).fixed, detail::settings_of(given));
  } catch (emit_error const& error) {
    throw usage_error(error.what());
  }
  std::vector<std::string> read{given.contract.contract_file, given.contract.config, given.contract.preprocessor};
  for (auto const* const tensors : {&data.inputs, &data.outputs})
    for (test_tensor const& each : *tensors) read.push_back(each.source);
  return put(text, given.output, read);
}

}  // namespace constexport::command
