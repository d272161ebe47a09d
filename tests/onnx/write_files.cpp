/// write_files FOLDER: writes the metadata files of several configurations, and beside each a listing `NAME.txt` that
/// says what must be in it. The listing comes from the contract alone; check_files.py compares both with the official
/// `onnx` package.
///   identity <class> <task> <opset> <naming>
///   value <name> <value or ->                 symbols; - where free
///   input|output <name> <dtype's number>      in order, layers unfolded
///   dim <size or -> <size at the trial> <expression as Optimum prints it>
/// The trial gives the free axes the values 2, 3, 5, 7, ... in order of the symbols: the listing has them as `axis`
/// lines.
#include <constexport/models.hpp>
#include <constexport/onnx/metadata.hpp>

#include <cinttypes>
#include <cstdio>
#include <fstream>
#include <string>

namespace {

using namespace constexport;

bool write(std::string const& folder, std::string const& name, bound_contract const& bound, metadata_options options) {
  std::ofstream file{folder + "/" + name + ".onnx", std::ios::binary};
  if (!write_metadata(file, bound, options) || !file.flush()) return false;

  std::ofstream out{folder + "/" + name + ".txt"};
  contract const& table = *bound.table;
  out << "identity " << table.identity.class_name << ' ' << table.identity.task << ' ' << table.identity.opset << ' '
      << (options.naming == dim_naming::optimum ? "optimum" : "identifiers") << '\n';
  symbol_values trial = bound.values;
  constexpr std::int64_t primes[] = {2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37};
  std::size_t free = 0;
  for (std::size_t i = 0; i < table.symbols.size(); ++i) {
    bool const is_free = bound.values[i] == unknown;
    if (is_free) trial[i] = primes[free++ % std::size(primes)];
    out << (table.symbols[i].is_axis ? "axis " : "parameter ") << table.symbols[i].name << ' ' << trial[i] << ' '
        << (is_free ? "free" : "fixed") << '\n';
  }
  std::span<std::int64_t const> const at{trial.data(), table.symbols.size()};
  for (bool const outputs : {false, true})
    for_each_tensor(
        outputs ? table.outputs : table.inputs, bound.sizes(), [&](tensor_row const& row, std::int64_t layer) {
          std::string text;
          tensor_name{row.name, layer}.print([&](char c) { text += c; });
          out << (outputs ? "output " : "input ") << text << ' ' << static_cast<int>(row.type) << '\n';
          for (dimension const& dim : row.dims) {
            std::int64_t const size = evaluate(dim.size, bound.sizes());
            out << "dim " << (size == unknown ? "-" : std::to_string(size)) << ' ' << evaluate(dim.size, at) << ' ';
            print(dim, table.symbols, [&](char c) { out << c; });
            out << '\n';
          }
        });
  return static_cast<bool>(out.flush());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fputs("usage: write_files FOLDER\n", stderr);
    return 2;
  }
  std::string const folder = argv[1];
  metadata_options const optimum{.naming = dim_naming::optimum};
  using gpt2 = GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>;
  bool const written =
      write(folder, "bert", BertOnnxConfig<>{}.bind(), {}) &&
      write(folder, "bert_multiple_choice", BertOnnxConfig<multiple_choice>{num_choices = 4}.bind(), {}) &&
      write(folder, "gpt2", GPT2OnnxConfig<text_generation, use_past>{}.bind(), {}) &&
      write(folder, "gpt2_96", gpt2{num_layers = 96}.bind(), {}) &&
      write(folder, "gpt2_optimum", gpt2{num_layers = 2}.bind(), optimum) &&
      write(folder, "t5_encoder", T5OnnxConfig<text2text_generation, encoder>{}.bind(), {}) &&
      write(folder, "t5_decoder", T5OnnxConfig<text2text_generation, use_past, use_past_in_inputs, decoder>{}.bind(),
            {}) &&
      write(folder, "t5_monolith", T5OnnxConfig<text2text_generation, use_past, monolith>{}.bind(), {}) &&
      write(folder, "vit", ViTOnnxConfig<masked_im>{}.bind(), {}) &&
      write(folder, "clip", CLIPOnnxConfig<>{}.bind(), {}) &&
      write(folder, "whisper",
            WhisperOnnxConfig<automatic_speech_recognition, use_past, use_past_in_inputs, decoder>{}.bind(), {}) &&
      write(folder, "whisper_encoder", WhisperOnnxConfig<automatic_speech_recognition, encoder>{}.bind(), {}) &&
      write(folder, "bert_opset_21", BertOnnxConfig<opset<21>, float_dtype<dtype::float16>>{}.bind(), {});
  if (!written) std::fprintf(stderr, "write_files: cannot write into %s\n", folder.c_str());
  return written ? 0 : 1;
}
