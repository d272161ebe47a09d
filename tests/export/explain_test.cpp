// Which expression an integer stands for, from its values in several runs. No LibTorch: sizes only.
#include <constexport/export/explain.hpp>

#include <catch2/catch_test_macros.hpp>

namespace {

using namespace constexport;

struct setting_of_runs {
  symbol_row const symbols[2] = {{"batch", "", true}, {"length", "", true}};
  dim_table dims{symbols};
  dim batch = dims.symbol(0), length = dims.symbol(1);
  run_sizes runs;
  setting_of_runs() {
    constexpr std::int64_t sizes[][2] = {{3, 7}, {2, 13}, {5, 11}, {2, 67}};
    for (auto const& each : sizes) {
      symbol_values values{};
      values[0] = each[0];
      values[1] = each[1];
      runs.push_back(values);
    }
  }
  /// What the explainer says to the values of `formula(batch, length)`.
  template <class Formula>
  std::string explain(Formula formula, dim_list own = {}) {
    seen_values seen;
    for (symbol_values const& run : runs) seen.push_back(formula(run[0], run[1]));
    explanation const result = explainer(dims, runs)(seen, own, {batch, length}, {});
    if (result.found) return dims.text(*result.found);
    return result.rivals.empty() ? "none" : "ambiguous";
  }
};

}  // namespace

TEST_CASE("integers are explained by what they were computed from") {
  setting_of_runs of;
  CHECK(of.explain([](auto, auto) { return 12; }) == "12");
  CHECK(of.explain([](auto b, auto) { return b; }) == "batch");
  CHECK(of.explain([](auto, auto l) { return l; }) == "length");
  CHECK(of.explain([](auto, auto l) { return -l; }) == "length * -1");
  CHECK(of.explain([](auto, auto l) { return 4 * l - 3; }) == "length * 4 - 3");
  CHECK(of.explain([](auto b, auto l) { return 12 * b * l; }) == "batch * length * 12");
  CHECK(of.explain([](auto b, auto l) { return b + l + 1; }) == "batch + length + 1");
  CHECK(of.explain([](auto b, auto l) { return l - b; }) == "length - batch");
  CHECK(of.explain([](auto, auto l) { return (l + 1) / 2; }) == "(length + 1) // 2");
  CHECK(of.explain([](auto, auto l) { return l / 4; }) == "length // 4");
}

TEST_CASE("what nothing explains, or two things do, is not guessed") {
  setting_of_runs of;
  CHECK(of.explain([](auto, auto l) { return l * l * l % 101; }) == "none");
  // 0 in three runs and 1 in the last: a division by any number from 34 to 64 gives that.
  CHECK(of.explain([](auto, auto l) { return l / 64; }) == "ambiguous");
  CHECK(of.explain([](auto b, auto) { return b; }, {of.dims.add(of.batch, of.dims.number(0))}) == "batch");
}

TEST_CASE("a size of the call's own tensors goes before other explanations") {
  setting_of_runs of;
  dim const windows = of.dims.add(of.dims.floor_divide(of.dims.add(of.length, -3), 2), 1);
  CHECK(of.explain([](auto, auto l) { return (l - 3) / 2 + 1; }, {windows}) == of.dims.text(windows));
}
