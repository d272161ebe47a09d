// The quickstart's program: all-MiniLM-L6-v2 from its weights to an ONNX file, checked against LibTorch, and put to use.
//
//   minilm_export --model FOLDER [--output minilm.onnx] [--opset 17..21]
//
// FOLDER has config.json, model.safetensors and vocab.txt. Exit status: 0, or 1 with one line that says what is wrong;
// an existing output file is then as it was.
#include "models/bert.hpp"
#include "support/contract_table.hpp"
#include "support/load_weights.hpp"
#include "support/sentence_embedding.hpp"
#include "support/wordpiece.hpp"

#include <constexport/adapters/onnxruntime.hpp>
#include <constexport/export/export.hpp>
#include <constexport/export/verify.hpp>
#include <constexport/models/bert.hpp>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace constexport;
using clock_type = std::chrono::steady_clock;

struct arguments {
  std::filesystem::path model;
  std::filesystem::path output = "minilm.onnx";
  int opset = 18;
};

[[noreturn]] void usage(char const* problem) {
  std::fprintf(stderr, "minilm_export: %s\nusage: minilm_export --model FOLDER [--output FILE] [--opset 17..21]\n", problem);
  std::exit(2);
}

arguments parse(int count, char** values) {
  arguments result;
  for (int i = 1; i < count; i += 2) {
    std::string_view const name = values[i];
    if (i + 1 == count) usage("the last option has no value");
    std::string_view const value = values[i + 1];
    if (name == "--model") {
      result.model = value;
    } else if (name == "--output") {
      result.output = value;
    } else if (name == "--opset") {
      auto const [end, error] = std::from_chars(value.data(), value.data() + value.size(), result.opset);
      if (error != std::errc() || end != value.data() + value.size()) usage("--opset wants a number");
    } else {
      usage("unknown option; there are --model, --output and --opset");
    }
  }
  if (result.model.empty()) usage("--model is missing");
  return result;
}

double seconds_since(clock_type::time_point start) {
  return std::chrono::duration<double>(clock_type::now() - start).count();
}

double megabytes(std::uint64_t bytes) { return static_cast<double>(bytes) / 1e6; }

void print_export(export_report const& report) {
  std::printf("\nExported to %s: %zu nodes, opset %d, %.1f MB, of which %.1f MB are weights\n",
              report.path.string().c_str(), report.nodes, report.opset, megabytes(report.file_bytes),
              megabytes(report.weight_bytes));
  std::printf("  recorded at %s\n", report.sizes.c_str());
  for (std::string const& each : report.assumptions) std::printf("  holds for %s\n", each.c_str());
  std::printf("  record %.2f s, reconcile and lower %.2f s, optimise %.2f s, write %.2f s\n", report.record_seconds,
              report.reconcile_seconds, report.optimise_seconds, report.write_seconds);
}

void print_verification(verification const& result) {
  std::printf("\nONNX Runtime against LibTorch (tolerance %.0e)\n", result.atol);
  std::vector<std::vector<std::string>> rows{
      {"axes", "output", "largest error", "dimensions", "LibTorch", "ONNX Runtime"}};
  auto const text = [](char const* format, double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, format, value);
    return std::string(buffer);
  };
  for (verified_assignment const& each : result.assignments) {
    if (!each.refused.empty()) rows.push_back({each.sizes, "LibTorch refuses: " + each.refused});
    for (verified_output const& output : each.outputs) {
      std::string shape = "[";
      for (std::size_t i = 0; i < output.shape.size(); ++i)
        shape += (i > 0 ? ", " : "") + std::to_string(output.shape[i]);
      rows.push_back({each.sizes, output.name, text("%.1e", output.largest_error),
                      shape + (output.obeys_contract() ? "] as declared" : "] NOT as declared"),
                      text("%.1f ms", each.libtorch_seconds * 1e3), text("%.1f ms", each.onnxruntime_seconds * 1e3)});
    }
  }
  std::printf("%s", examples::aligned(rows).c_str());
}

// What the file is for: sentences with one meaning have similar vectors.
void print_similarities(std::filesystem::path const& file, std::filesystem::path const& vocabulary,
                        std::int64_t longest) {
  std::vector<std::string> const sentences{
      "How do I reset my password?",
      "I forgot my login and cannot sign in.",
      "The cat sleeps on the warm windowsill.",
      "A kitten is napping in the sun.",
      "Interest rates were raised by a quarter point.",
  };
  examples::wordpiece_tokenizer const tokenizer(vocabulary);
  examples::encoded_texts const texts = tokenizer.encode(sentences, static_cast<std::size_t>(longest));
  std::int64_t const shape[] = {static_cast<std::int64_t>(texts.batch), static_cast<std::int64_t>(texts.length)};
  onnxruntime_session session(file);
  onnxruntime_input const inputs[] = {
      {"input_ids", dtype::int64, shape, texts.input_ids.data()},
      {"attention_mask", dtype::int64, shape, texts.attention_mask.data()},
      {"token_type_ids", dtype::int64, shape, texts.token_type_ids.data()},
  };
  auto const start = clock_type::now();
  std::vector<onnxruntime_output> const outputs = session.run(inputs);
  double const seconds = seconds_since(start);
  onnxruntime_output const& hidden = outputs.at(0);
  auto const vectors = examples::sentence_embeddings(
      {reinterpret_cast<float const*>(hidden.bytes().data()), hidden.elements()}, texts.attention_mask, texts.batch,
      static_cast<std::size_t>(hidden.shape()[2]));

  std::printf("\nSimilarities of sentences, from the ONNX file (%.1f ms)\n", seconds * 1e3);
  for (std::size_t i = 0; i < sentences.size(); ++i) {
    std::printf("  %zu ", i + 1);
    for (std::size_t j = 0; j < sentences.size(); ++j)
      std::printf(" %5.2f", static_cast<double>(examples::cosine_similarity(vectors[i], vectors[j])));
    std::printf("   %s\n", sentences[i].c_str());
  }
}

int run(arguments const& wanted) {
  auto const start = clock_type::now();
  examples::bert_config const config = examples::read_bert_config(wanted.model / "config.json");
  auto const module = std::make_shared<examples::bert>(config);
  examples::safetensors_file const weights(wanted.model / "model.safetensors");
  examples::load_report const loaded = examples::load_weights(*module, weights);
  module->eval();
  std::printf("Loaded %zu tensors from %s in %.2f s\n", loaded.loaded,
              (wanted.model / "model.safetensors").string().c_str(), seconds_since(start));

  BertOnnxConfig<feature_extraction> const bert{
      num_layers = config.num_hidden_layers, num_attention_heads = config.num_attention_heads,
      hidden_size = config.hidden_size, vocab_size = config.vocab_size, type_vocab_size = config.type_vocab_size};
  std::printf("\nContract: BertOnnxConfig<feature_extraction>\n%s", examples::contract_table(bert.bind()).c_str());

  export_options options;
  options.opset = wanted.opset;
  print_export(export_onnx(module, bert, wanted.output, options));

  verification const result = verify(module, bert, wanted.output);
  print_verification(result);
  if (!result.ok()) {
    std::fprintf(stderr, "minilm_export: ONNX Runtime and LibTorch do not agree; see the table above\n");
    return 1;
  }
  print_similarities(wanted.output, wanted.model / "vocab.txt", config.max_position_embeddings);
  return 0;
}

}  // namespace

int main(int count, char** values) {
  arguments const wanted = parse(count, values);
  try {
    return run(wanted);
  } catch (std::exception const& error) {
    std::fprintf(stderr, "minilm_export: %s\n", error.what());
    return 1;
  }
}
