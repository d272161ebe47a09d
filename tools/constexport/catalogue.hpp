/// tools/constexport/catalogue.hpp: every configuration of the library, as data.
///
/// Nothing here is a template of a model: an entry points at a contract, and each modality's entries are made in a
/// translation unit of their own (register.hpp), so that they compile beside one another.
#pragma once

#include <constexport/config/onnx_config.hpp>

#include <vector>

namespace constexport::command {

/// One configuration: its contract and what Optimum's exporter does with the module beside it.
struct entry {
  contract const* table = nullptr;
  bool has_behaviors = false;  ///< an encoder-decoder model: encoder, decoder or both
  std::vector<value_override> overrides{};
  std::vector<name_pair> input_map{}, output_map{};
};

using entries = std::vector<entry>;

/// All of them: model by model, each with its tasks, variants, parts, behaviors and past, the default ones first.
entries const& catalogue();

}  // namespace constexport::command
