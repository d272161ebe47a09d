/// Dummy inputs of GPT-2 with past, batch 8, 1,024 tokens (604 MB of key/value cache), on one thread, beside what
/// LibTorch offers for the same tensors, in turns: tensors that are made anew, and values written into tensors that
/// exist. New tensors of ours lie in the memory of those of the run before; what they cost in fresh memory, where the
/// system's page faults are most of the price, is a row of its own. Prints a table, and on the last line all runs as
/// JSON: seconds, and the bytes of one run.
#include <constexport/adapters/torch.hpp>
#include <constexport/models/gpt2.hpp>

#include <ATen/Parallel.h>
#include <ATen/ops/full.h>
#include <ATen/ops/rand.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <vector>

using namespace constexport;

namespace {

constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{};
constexpr std::array given{setting(batch_size = 8), setting(sequence_length = 1024)};

struct action {
  char const* name;
  std::function<void()> run;
  std::vector<double> seconds{};

  double median() const {
    std::vector<double> sorted = seconds;
    std::sort(sorted.begin(), sorted.end());
    return sorted[sorted.size() / 2];
  }
};

// Tensors of the cache's shapes from `make`, all alive at once as inputs are.
template <class Make>
void make_all(std::vector<at::Tensor> const& like, Make make) {
  std::vector<at::Tensor> made;
  for (at::Tensor const& each : like) made.push_back(make(each.sizes()));
}

}  // namespace

int main(int count, char** arguments) {
  int const runs = count > 1 ? std::max(1, std::atoi(arguments[1])) : 7;
  at::set_num_threads(1);

  std::vector<dummy_tensor> caches;
  for_each_dummy_tensor(gpt2.bind(), given, 0, shape_source::dummy, [&](dummy_tensor const& each) {
    if (each.type == dtype::float32) caches.push_back(each);
  });
  std::vector<at::Tensor> tensors;
  double bytes = 0;
  for (dummy_tensor const& each : caches) {
    tensors.push_back(make_tensor(each));
    bytes += static_cast<double>(each.bytes());
  }

  std::vector<action> actions{
      {"ours, new tensors", [] { gpt2.generate_dummy_inputs<libtorch>(batch_size = 8, sequence_length = 1024); }},
      {"ours, fresh memory",
       [] {
         release_dummy_memory();
         gpt2.generate_dummy_inputs<libtorch>(batch_size = 8, sequence_length = 1024);
       }},
      {"torch::rand, new tensors", [&] { make_all(tensors, [](at::IntArrayRef shape) { return at::rand(shape); }); }},
      {"torch::full, new tensors",
       [&] { make_all(tensors, [](at::IntArrayRef shape) { return at::full(shape, 0.5); }); }},
      {"ours, in place",
       [&] {
         for (std::size_t i = 0; i < caches.size(); ++i)
           (void)fill(std::span(tensors[i].data_ptr<float>(), caches[i].elements()), caches[i]);
       }},
      {"uniform_, in place",
       [&] {
         for (at::Tensor& each : tensors) each.uniform_();
       }},
      {"fill_, in place",
       [&] {
         for (at::Tensor& each : tensors) each.fill_(0.5);
       }},
  };
  for (int run = 0; run <= runs; ++run)
    for (action& each : actions) {
      auto const begin = std::chrono::steady_clock::now();
      each.run();
      std::chrono::duration<double> const time = std::chrono::steady_clock::now() - begin;
      if (run > 0) each.seconds.push_back(time.count());  // the first warms up
    }

  for (action const& each : actions) {
    bool const in_place = std::string(each.name).ends_with("place");
    double const ours = actions[in_place ? 4 : 0].median();
    std::printf("%-26s %7.1f ms  %6.2f GB/s  ours is %5.2f times as fast\n", each.name, each.median() * 1e3,
                bytes / each.median() / 1e9, each.median() / ours);
  }
  std::printf("{\"bytes\": %.0f", bytes);
  char const* const keys[] = {"ours_new",      "ours_fresh",       "rand_new",     "full_new",
                              "ours_in_place", "uniform_in_place", "fill_in_place"};
  for (std::size_t i = 0; i < actions.size(); ++i) {
    std::printf(", \"%s\": [", keys[i]);
    for (std::size_t run = 0; run < actions[i].seconds.size(); ++run)
      std::printf("%s%.6f", run == 0 ? "" : ", ", actions[i].seconds[run]);
    std::printf("]");
  }
  std::printf("}\n");
}
