/// Exports all-MiniLM-L6-v2 so many times in one process and prints as JSON what each took: seconds in all and by
/// phase, growth of the process's peak memory, nodes.
///   export_bench MODEL_FOLDER OUTPUT EXPORTS
#include "models/bert.hpp"
#include "support/load_weights.hpp"
#include <constexport/export/export.hpp>
#include <constexport/models/bert.hpp>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

namespace {

/// Bytes that /proc/self/status gives for `key`, such as "VmHWM".
std::uint64_t status(std::string const& key) {
  std::ifstream file("/proc/self/status");
  for (std::string line; std::getline(file, line);)
    if (line.starts_with(key + ":")) return std::strtoull(line.c_str() + key.size() + 1, nullptr, 10) * 1024;
  return 0;
}

/// Lets the peak start again from what is resident now.
void reset_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

struct measured {
  double seconds;
  std::uint64_t growth;
  constexport::export_report report;
};

measured measure(examples::bert& model, constexport::bound_contract const& bound, std::string const& output) {
  reset_peak();
  std::uint64_t const before = status("VmRSS");
  auto const begin = std::chrono::steady_clock::now();
  auto report = constexport::export_onnx(model, bound, output);
  std::chrono::duration<double> const took = std::chrono::steady_clock::now() - begin;
  return {took.count(), status("VmHWM") - before, std::move(report)};
}

template <class Get>
void print(char const* name, std::vector<measured> const& runs, Get get) {
  std::printf("\"%s\": [", name);
  for (std::size_t i = 0; i < runs.size(); ++i) std::printf("%s%.9g", i == 0 ? "" : ", ", double(get(runs[i])));
  std::printf("], ");
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 4) {
    std::fprintf(stderr, "usage: export_bench MODEL_FOLDER OUTPUT EXPORTS\n");
    return 2;
  }
  std::string const folder = argv[1];
  examples::bert_config const config = examples::read_bert_config(folder + "/config.json");
  examples::bert model(config);
  examples::safetensors_file const file(folder + "/model.safetensors");
  examples::load_weights(model, file);
  model.eval();

  // Everything that belongs to a loaded model is in memory before the clock starts: the weights are mapped pages.
  double touched = 0;
  {
    torch::NoGradGuard const no_grad;
    for (torch::Tensor const& parameter : model.parameters()) touched += parameter.sum().item<double>();
  }
  if (touched != touched) return 1;

  using namespace constexport;
  BertOnnxConfig<feature_extraction> const bert{
      num_layers = config.num_hidden_layers, num_attention_heads = config.num_attention_heads,
      hidden_size = config.hidden_size, vocab_size = config.vocab_size, type_vocab_size = config.type_vocab_size};
  std::vector<measured> runs;
  for (int i = 0; i < std::atoi(argv[3]); ++i) runs.push_back(measure(model, bert.bind(), argv[2]));
  if (runs.empty()) return 2;

  std::printf("{");
  print("seconds", runs, [](measured const& run) { return run.seconds; });
  print("growth", runs, [](measured const& run) { return run.growth; });
  print("record", runs, [](measured const& run) { return run.report.record_seconds; });
  print("reconcile", runs, [](measured const& run) { return run.report.reconcile_seconds; });
  print("optimise", runs, [](measured const& run) { return run.report.optimise_seconds; });
  print("write", runs, [](measured const& run) { return run.report.write_seconds; });
  export_report const& last = runs.back().report;
  std::printf("\"sizes\": \"%s\", ", last.sizes.c_str());
  std::printf("\"nodes\": %zu, \"nodes_before\": %zu, \"file_bytes\": %llu, \"weight_bytes\": %llu}\n", last.nodes,
              last.nodes_before, static_cast<unsigned long long>(last.file_bytes),
              static_cast<unsigned long long>(last.weight_bytes));
} catch (std::exception const& error) {
  std::fprintf(stderr, "error: %s\n", error.what());
  return 1;
}
