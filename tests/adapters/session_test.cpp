// A typed session: what is checked when a file is loaded and before it runs, what comes back, and the caches.
#include "gpt2.hpp"
#include <constexport/adapters/session.hpp>
#include <constexport/models/bert.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <numeric>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace session_tests;

namespace {

using Session = session<Gpt2, gpt2>;

// One vector in, one out.
template <auto... Options>
struct SameOnnxConfig : OnnxConfig<SameOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "same";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized();
  static consteval auto declared_inputs() { return tensors<tensor<"x", dtype::float32, batch_size>>; }
  static consteval auto declared_outputs() { return tensors<tensor<"y", dtype::float32, batch_size>>; }
};

std::span<std::byte const> model_bytes() {
  static std::string const bytes = decoding::gpt2_file({});
  return std::as_bytes(std::span(bytes));
}
Session open() { return Session(model_bytes(), {.threads = 1}); }

template <class Error = session_error>
std::string message(auto&& action) {
  try {
    action();
  } catch (Error const& error) {
    return error.what();
  }
  return "no error";
}

std::vector<std::int64_t> ones(std::int64_t count) {
  return std::vector<std::int64_t>(static_cast<std::size_t>(count), 1);
}
std::vector<std::int64_t> counted(std::int64_t count, std::int64_t first = 0) {
  std::vector<std::int64_t> result(static_cast<std::size_t>(count));
  std::iota(result.begin(), result.end(), first);
  return result;
}

// One run of a batch of 1; returns the logits of the last token.
std::vector<float> step(bindings<Gpt2, gpt2>& gpt, std::vector<std::int64_t> const& ids, std::int64_t past) {
  std::int64_t const length = std::ssize(ids);
  gpt.run(feed<"input_ids">(ids, {1, length}), feed<"attention_mask">(ones(past + length), {1, past + length}),
          feed<"position_ids">(counted(length, past), {1, length}));
  auto const logits = gpt.output<"logits">();
  static_assert(std::is_same_v<decltype(logits), shaped_span<float const, 3> const>);
  REQUIRE(logits.extents == std::array<std::int64_t, 3>{1, length, 50});
  std::vector<float> last;
  for (int token = 0; token < 50; ++token) last.push_back(logits(0, length - 1, token));
  return last;
}

float largest_difference(std::vector<float> const& a, std::vector<float> const& b) {
  float largest = 0;
  for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, std::abs(a[i] - b[i]));
  return largest;
}

}  // namespace

TEST_CASE("names and pairs are constants") {
  constexpr detail::session_table const& table = detail::session_constants<gpt2>::table;
  static_assert(table.inputs.tensors.size() == 7 && table.outputs.tensors.size() == 5);
  static_assert(std::string_view{table.inputs.name(5)} == "past_key_values.1.value");
  static_assert(table.inputs.find("position_ids") == 6);
  static_assert(table.outputs.tensors[table.outputs.find("present.1.key")].pair ==
                table.inputs.find("past_key_values.1.key"));
  static_assert(table.outputs.tensors[0].pair == no_row);
  CHECK(std::string(table.outputs.name(4)) == "present.1.value");
}

TEST_CASE("a decoder with caches gives what it gives without") {
  Session const model = open();
  auto gpt = model.bind();
  std::vector<std::int64_t> const ids{7, 3, 49, 0, 12, 25};
  std::vector<float> const whole = step(gpt, ids, 0);
  CHECK(largest_difference(whole, std::vector<float>(50)) > 0.01f);
  gpt.reset();
  step(gpt, {7, 3, 49}, 0);
  for (std::int64_t past = 3; past < 6; ++past) {
    gpt.rotate();
    std::vector<float> const next = step(gpt, {ids[static_cast<std::size_t>(past)]}, past);
    CHECK(gpt.size_of("past_sequence_length") == past);
    if (past == 5) CHECK(largest_difference(whole, next) < 1e-4f);
  }
  auto const keys = gpt.output<"present.1.key">();
  CHECK(keys.extents == std::array<std::int64_t, 4>{1, 2, 6, 8});
}

TEST_CASE("a past that is fed counts for one run; a present keeps its memory as a past") {
  Session const model = open();
  auto gpt = model.bind(), other = model.bind();
  step(gpt, {7, 3}, 0);
  auto const key0 = gpt.output<"present.0.key">(), value0 = gpt.output<"present.0.value">(),
             key1 = gpt.output<"present.1.key">(), value1 = gpt.output<"present.1.value">();
  auto const ids = counted(1, 5), seen = ones(3), places = counted(1, 2);
  auto const run = [&] {
    other.run(feed<"past_key_values.0.key">(key0), feed<"past_key_values.0.value">(value0),
              feed<"past_key_values.1.key">(key1), feed<"past_key_values.1.value">(value1),
              feed<"input_ids">(ids, {1, 1}), feed<"attention_mask">(seen, {1, 3}),
              feed<"position_ids">(places, {1, 1}));
    auto const logits = other.output<"logits">().span();
    return std::vector<float>(logits.begin(), logits.end());
  };
  auto const first = run();
  CHECK(run() == first);
  CHECK(message([&] { step(other, {5}, 2); }) ==
        "constexport: input past_key_values.0.key has no value: feed it, take it from a run of another session "
        "(take_past), or rotate() after a run");
  float const* const memory = key0.data;
  gpt.rotate();
  CHECK(gpt.output<"present.0.key">().data == memory);
  auto const second = step(gpt, {5}, 2);
  CHECK(largest_difference(first, second) == 0);
  other.take_past(gpt);
  CHECK(step(other, {1}, 3) == [&] {
    gpt.rotate();
    return step(gpt, {1}, 3);
  }());
}

TEST_CASE("bindings may be fed their own outputs") {
  Session const model = open();
  auto rotated = model.bind(), fed = model.bind();
  std::vector<float> wanted = step(rotated, {7, 3}, 0);
  CHECK(step(fed, {7, 3}, 0) == wanted);
  for (std::int64_t past = 2; past < 12; ++past) {
    std::int64_t const token = 4 * past;
    rotated.rotate();
    wanted = step(rotated, {token}, past);
    fed.run(feed<"past_key_values.0.key">(fed.output<"present.0.key">()),
            feed<"past_key_values.0.value">(fed.output<"present.0.value">()),
            feed<"past_key_values.1.key">(fed.output<"present.1.key">()),
            feed<"past_key_values.1.value">(fed.output<"present.1.value">()),
            feed<"input_ids">(std::span(&token, 1), {1, 1}), feed<"attention_mask">(ones(past + 1), {1, past + 1}),
            feed<"position_ids">(std::span(&past, 1), {1, 1}));
    CHECK(std::ranges::equal(fed.output<"logits">().span(), wanted));
  }
}

TEST_CASE("a cache that the other sizes give elements must be fed") {
  Session const model = open();
  auto gpt = model.bind();
  std::vector<float> const cache(2 * 2 * 8, 0.5f);
  auto const one = ones(1), seen = ones(3);
  auto const run = [&](auto const&... pasts) {
    gpt.reset();
    return message([&] {
      gpt.run(pasts..., feed<"input_ids">(one, {1, 1}), feed<"attention_mask">(seen, {1, 3}),
              feed<"position_ids">(one, {1, 1}));
    });
  };
  CHECK(run(feed<"past_key_values.0.key">(cache, {1, 2, 2, 8})) ==
        "constexport: past_key_values.0.value has no value, but its shape is [1, 2, 2, 8], batch_size is 1 "
        "(input_ids[0]), past_sequence_length is 2 (past_key_values.0.key[2]); feed the whole cache, or take it from a "
        "run (rotate, take_past)");
  CHECK(run(feed<"past_key_values.0.value">(cache, {1, 2, 2, 8}))
            .starts_with("constexport: attention_mask[1] is 3, but past_sequence_length + sequence_length is 1"));
  CHECK(run(feed<"past_key_values.0.key">(cache, {1, 2, 2, 8}), feed<"past_key_values.0.value">(cache, {1, 2, 2, 8}),
            feed<"past_key_values.1.key">(cache, {1, 2, 2, 8}),
            feed<"past_key_values.1.value">(cache, {1, 2, 2, 8})) == "no error");
}

TEST_CASE("the presents of a session without a past become the pasts of one that has it") {
  using First = GPT2OnnxConfig<text_generation, use_past>;
  static constexpr First first_config{num_layers = 2, num_attention_heads = 2, hidden_size = 16, vocab_size = 50};
  std::string const bytes = decoding::gpt2_file({.reads_past = false});
  session<First, first_config> const first_model(std::as_bytes(std::span(bytes)), {.threads = 1});
  Session const model = open();
  std::vector<std::int64_t> const ids{7, 3, 49, 0};
  std::vector<float> next;
  {
    auto first = first_model.bind();
    auto gpt = model.bind();
    first.run(feed<"input_ids">(ids, {1, 4}), feed<"attention_mask">(ones(4), {1, 4}),
              feed<"position_ids">(counted(4), {1, 4}));
    gpt.take_past(first);
    first = first_model.bind();  // what was taken stays
    next = step(gpt, {12}, 4);
  }
  auto gpt = model.bind();
  step(gpt, ids, 0);
  gpt.rotate();
  CHECK(step(gpt, {12}, 4) == next);
}

TEST_CASE("a model that gives other sizes than its contract says is found out") {
  // y is not declared with a shape, and is longer than x.
  std::string const bytes = [] {
    std::ostringstream sink;
    std::array const opsets{wire::opset_id{{}, 18}};
    wire::model(sink, {.ir_version = 8, .opsets = opsets}, [](auto& graph) {
      std::array<std::string_view, 2> const twice{"x", "x"};
      wire::node(graph, {"Concat"}, twice, std::array<std::string_view, 1>{"y"},
                 [](auto& at) { wire::attribute_int(at, "axis", 0); });
      wire::graph_name(graph, "concat");
      wire::input(graph, std::string_view{"x"}, dtype::float32, std::array{wire::shape_dim{-1, "batch_size"}});
      wire::output(graph, std::string_view{"y"}, dtype::float32, std::array{wire::shape_dim{}});
    });
    return std::move(sink).str();
  }();
  session<SameOnnxConfig<>> const model(std::as_bytes(std::span(bytes)), {.threads = 1});
  auto same = model.bind();
  CHECK(message([&] {
          same.run(feed<"x">(std::array{1.0f, 2.0f}));
        }) == "constexport: y[0] is 4, but batch_size is 2 (x[0]); the model does not keep its contract");
  CHECK(message([&] { same.output<"y">(); }) == "constexport: model in memory has no outputs yet: its run comes first");
}

TEST_CASE("sizes that do not go together are refused before the run, with tensors and axes") {
  Session const model = open();
  auto gpt = model.bind();
  auto const after = [&](std::array<std::int64_t, 2> ids, std::array<std::int64_t, 2> seen,
                         std::array<std::int64_t, 2> places) {
    auto const data = ones(64);
    auto const part = [&](std::array<std::int64_t, 2> shape) {
      return std::span(data).first(static_cast<std::size_t>(shape[0] * shape[1]));
    };
    return message([&] {
      gpt.run(feed<"input_ids">(part(ids), ids), feed<"attention_mask">(part(seen), seen),
              feed<"position_ids">(part(places), places));
    });
  };
  CHECK(after({2, 3}, {2, 3}, {2, 3}) == "no error");
  CHECK(after({2, 3}, {2, 4}, {2, 3}) ==
        "constexport: attention_mask[1] is 4, but past_sequence_length + sequence_length is 3: sequence_length is 3 "
        "(input_ids[1]), past_sequence_length is 0 (past_key_values.0.key[2], an empty cache)");
  CHECK(after({2, 3}, {3, 3}, {2, 3}) == "constexport: attention_mask[0] is 3, but batch_size is 2 (input_ids[0])");
  CHECK(after({2, 3}, {2, 3}, {2, 2}) == "constexport: position_ids[1] is 2, but sequence_length is 3 (input_ids[1])");
  CHECK(after({0, 3}, {0, 3}, {0, 3}) == "constexport: batch_size is 0 (input_ids[0]), but it must be at least 1");
  CHECK(after({2, 3}, {2, 3}, {2, 3}) == "no error");
  gpt.rotate();
  CHECK(after({2, 1}, {2, 4}, {2, 1}) == "no error");
  CHECK(after({1, 1}, {1, 4}, {1, 1}) ==
        "constexport: past_key_values.0.key[0] is 2, but batch_size is 1 (input_ids[0])");
  CHECK(after({2, 1}, {2, 1}, {2, 1}) ==
        "constexport: attention_mask[1] is 1, but past_sequence_length + sequence_length is 4: sequence_length is 1 "
        "(input_ids[1]), past_sequence_length is 3 (past_key_values.0.key[2])");
  CHECK(after({2, 1}, {2, 4}, {2, 1}) == "no error");

  auto const three = ones(3);
  CHECK(
      message([&] {
        gpt.run(feed<"input_ids">(three, {1, 4}), feed<"attention_mask">(three, {1, 3}),
                feed<"position_ids">(three, {1, 3}));
      }) ==
      "constexport: input input_ids is fed 3 elements, but its shape [1, 4] is of 4; give as many as the shape holds");
  CHECK(message([&] {
          gpt.run(feed<"input_ids">(three, {-1, -3}), feed<"attention_mask">(three, {1, 3}),
                  feed<"position_ids">(three, {1, 3}));
        }) ==
        "constexport: input input_ids is fed 3 elements, but its shape [-1, -3] is of no tensor; give as many as the "
        "shape holds");
  std::vector<float> const key(2 * 3 * 9);
  CHECK(message([&] {
          gpt.run(feed<"input_ids">(three, {1, 3}), feed<"attention_mask">(three, {1, 3}),
                  feed<"position_ids">(three, {1, 3}), feed<"past_key_values.0.key">(key, {1, 2, 3, 9}));
        }).starts_with("constexport: attention_mask[1] is 3, but past_sequence_length + sequence_length is 6"));
  gpt.reset();
  CHECK(message([&] {
          gpt.run(feed<"input_ids">(three, {1, 3}), feed<"attention_mask">(std::vector<std::int64_t>(6), {1, 6}),
                  feed<"position_ids">(three, {1, 3}), feed<"past_key_values.0.key">(key, {1, 2, 3, 9}));
        }) ==
        "constexport: past_key_values.0.key[3] is 9, but hidden_size // num_attention_heads is 8: "
        "num_attention_heads is 2 (the configuration), hidden_size is 16 (the configuration)");
}

TEST_CASE("outputs come after a run") {
  Session const model = open();
  auto gpt = model.bind();
  CHECK(message([&] { gpt.output<"logits">(); }) ==
        "constexport: model in memory has no outputs yet: its run comes first");
  CHECK(message([&] { gpt.rotate(); }) == "constexport: model in memory has no outputs yet: its run comes first");
  // ONNX Runtime stops: the token is not in the vocabulary.
  CHECK(message<onnxruntime_error>([&] {
          step(gpt, {50}, 0);
        }).starts_with("constexport: model in memory: ONNX Runtime stopped: "));
  CHECK(message([&] { gpt.output<"logits">(); }) ==
        "constexport: model in memory has no outputs yet: its run comes first");
  step(gpt, {5}, 0);
}

TEST_CASE("bindings keep their session") {
  auto gpt = open().bind();
  CHECK(step(gpt, {1, 2}, 0).size() == 50);
}

TEST_CASE("a file that does not keep the contract is refused when it is loaded") {
  // Another number of heads: every cache has other sizes.
  auto const other = decoding::gpt2_file({.heads = 4});
  CHECK(message([&] { Session model(std::as_bytes(std::span(other))); }) ==
        "constexport: model in memory does not keep the contract of GPT2OnnxConfig:\n"
        "  past_key_values.0.key[1], past_key_values.0.value[1], past_key_values.1.key[1], past_key_values.1.value[1] "
        "and 4 more: a dimension has another size: 4 instead of 2; give the contract the model's parameters, or export "
        "again\n"
        "  past_key_values.0.key[3], past_key_values.0.value[3], past_key_values.1.key[3], past_key_values.1.value[3] "
        "and 4 more: a dimension has another size: 4 instead of 8; give the contract the model's parameters, or export "
        "again");
  CHECK(message([&] {
          session<BertOnnxConfig<>> model(model_bytes());
        }).starts_with("constexport: model in memory does not keep the contract of BertOnnxConfig:\n"));
  CHECK(message([&] {
          Session model(model_bytes().first(100));
        }).starts_with("constexport: model in memory cannot be read: "));
  CHECK(message([&] { Session model(std::filesystem::path("nothing.onnx")); }) ==
        "constexport: model \"nothing.onnx\" cannot be opened: No such file or directory");
  auto const path = std::filesystem::temp_directory_path() / "constexport_session_test.onnx";
  auto const bytes = decoding::gpt2_file({});
  std::ofstream(path, std::ios::binary) << bytes;
  auto gpt = Session(path).bind();
  CHECK(step(gpt, {1, 2}, 0).size() == 50);
  std::filesystem::remove(path);
}
