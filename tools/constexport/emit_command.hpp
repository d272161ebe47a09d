/// tools/constexport/emit_command.hpp: `constexport emit`.
#pragma once

#include "axes.hpp"
#include "output.hpp"
#include "selection.hpp"
#include <constexport/emit/onnxruntime_dims.hpp>
#include <constexport/emit/openvino.hpp>
#include <constexport/emit/python_axes.hpp>
#include <constexport/emit/tensorrt.hpp>
#include <constexport/emit/triton.hpp>

#include <set>
#include <string>
#include <vector>

namespace constexport::command {

inline constexpr std::string_view emit_formats[] = {"trtexec",     "polygraphy",   "openvino",      "triton",
                                                    "onnxruntime", "dynamic-axes", "dynamic-shapes"};

struct emit_arguments {
  std::string format, name = "model";
  std::vector<std::string> limits{};
  selection contract{};
};

inline void add_emit(CLI::App& to, emit_arguments& given) {
  std::set<std::string> const formats(std::begin(emit_formats), std::end(emit_formats));
  to.add_option("format", given.format,
                "trtexec, polygraphy: profiles; openvino: shapes; triton: config.pbtxt; onnxruntime: free-dimension "
                "overrides; dynamic-axes, dynamic-shapes: Python")
      ->required()
      ->check(CLI::IsMember(formats))
      ->type_name("FORMAT");
  add_selection(to, given.contract);
  to.add_option("--limit", given.limits, "The largest size of an axis; may be given several times")
      ->type_name("NAME=SIZE")
      ->expected(1)
      ->take_all();
  to.add_option("--name", given.name, "With triton: the model's name (default: model)")->type_name("NAME");
  to.footer("Example: constexport emit trtexec --contract model.json --limit batch_size=32");
}

inline int run_emit(emit_arguments const& given) {
  chosen_contract const chosen = choose(given.contract);
  bound_contract const bound = chosen.bound();
  std::vector<axis_limit> limits;
  for (std::string const& text : given.limits) {
    axis_size const each = parse_axis(text, "--limit");
    limits.push_back({each.name, each.size});
  }
  try {
    return put(given.format == "trtexec"        ? trtexec_arguments(bound, limits)
               : given.format == "polygraphy"   ? polygraphy_arguments(bound, limits)
               : given.format == "openvino"     ? openvino_shapes(bound, limits)
               : given.format == "triton"       ? triton_config(bound, given.name, limits)
               : given.format == "onnxruntime"  ? onnxruntime_arguments(bound)
               : given.format == "dynamic-axes" ? python_dynamic_axes(bound)
                                                : python_dynamic_shapes(bound));
  } catch (emit_error const& error) {
    throw usage_error(error.what());
  }
}

}  // namespace constexport::command
