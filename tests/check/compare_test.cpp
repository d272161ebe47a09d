/// Two contracts, and what of the difference a consumer meets.
#include "contracts.hpp"
#include <constexport/check/compare.hpp>
#include <constexport/check/contract_interface.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

using namespace constexport;
using check_tests::contract_of;

namespace {

std::string const base = R"({
  "inputs": [{"name": "x", "dtype": "float32", "dims": ["n", "m", 3]},
             {"name": "y", "dtype": "int64", "dims": ["n"], "values": {"max": 9}}],
  "outputs": [{"name": "z", "dtype": "float32", "dims": ["n", "m + 1"]},
              {"name": "w", "dtype": "int64", "dims": [2, "found"], "past": "y"}],
  "axes": {"n": {"min": 2, "max": 64}, "m": {"multiple": 2}, "found": {"free": true, "max": 10}}
})";

// The base with each text replaced that stands before a "->".
std::string changed(std::vector<std::pair<std::string, std::string>> const& replacements) {
  std::string text = base;
  for (auto const& [from, to] : replacements) {
    std::size_t const at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
  }
  return text;
}

// "!axis-fixed x[0], y[0]" for a breaking change, without the mark for a compatible one; sorted.
std::vector<std::string> changes(std::string const& before, std::string const& after) {
  auto const old_one = contract_of(before), new_one = contract_of(after);
  std::vector<std::string> result;
  for (change const& each : compare(interface_of(old_one->bound()), interface_of(new_one->bound()))) {
    std::string text = (each.is_breaking ? "!" : "") + std::string(row_of(each.kind).id);
    for (std::size_t i = 0; i < each.places.size(); ++i) text += (i == 0 ? " " : ", ") + each.places[i];
    result.push_back(text);
  }
  std::ranges::sort(result);
  return result;
}

using list = std::vector<std::string>;
using replacements = std::vector<std::pair<std::string, std::string>>;

}  // namespace

TEST_CASE("a contract is equal to itself, however it is spelled") {
  CHECK(changes(base, base).empty());
  CHECK(changes(base, changed({{"m + 1", "1 + m"}})).empty());
  CHECK(changes(base, changed({{"m + 1", "(2 * m + 2) // 2"}})).empty());
  CHECK(
      changes(base, changed({{R"("axes")", R"("parameters": {"three": 3, "other": 4}, "axes")"}, {"3]", "\"three\"]"}}))
          .empty());
}

TEST_CASE("every kind of change, and whether it breaks") {
  struct test_case {
    replacements to;
    list expected;
  };
  std::string const x = R"({"name": "x", "dtype": "float32", "dims": ["n", "m", 3]})";
  std::string const y = R"({"name": "y", "dtype": "int64", "dims": ["n"], "values": {"max": 9}})";
  std::string const z = R"({"name": "z", "dtype": "float32", "dims": ["n", "m + 1"]})";
  std::string const w = R"({"name": "w", "dtype": "int64", "dims": [2, "found"], "past": "y"})";
  std::vector<test_case> const cases{
      // tensors
      {{{y, y + R"(, {"name": "v", "dtype": "bool", "dims": []})"}}, {"!input-added v"}},
      {{{x + ",", ""}, {"m + 1", "n + 1"}, {R"("m": {"multiple": 2}, )", ""}},
       {"!input-removed x", "!size-changed z[1]"}},
      {{{R"("x")", R"("pixels")"}}, {"!input-renamed x"}},
      {{{x, "@"}, {y, x}, {"@", y}}, {"!inputs-reordered inputs"}},
      {{{z + ",", ""}}, {"!output-removed z"}},
      {{{R"("past": "y"})", R"("past": "y"}, {"name": "v", "dims": []})"}}, {"output-added v"}},
      {{{z, z + R"(, {"name": "v", "dims": []})"}}, {"!output-added v"}},
      {{{R"("z")", R"("logits")"}}, {"!output-renamed z"}},
      {{{z, "@"}, {w, z}, {"@", w}}, {"!outputs-reordered outputs"}},
      {{{R"("name": "z", "dtype": "float32")", R"("name": "z", "dtype": "float16")"}}, {"!dtype-changed z"}},
      {{{R"("name": "z", "dtype": "float32")", R"("name": "z")"}}, {"!dtype-unstated z"}},
      {{{R"("m", 3])", R"("m", 3, 1])"}}, {"!rank-changed x"}},
      {{{R"(["n", "m + 1"])", "null"}}, {"!rank-unstated z"}},
      // sizes
      {{{"3]", "4]"}}, {"!size-changed x[2]"}},
      {{{"3]", R"("k"])"}}, {"axis-freed x[2]"}},
      {{{"3]", R"("k"])"}, {R"("axes": {)", R"("axes": {"k": {"min": 4}, )"}}, {"!axis-freed x[2]"}},
      {{{"[2,", "[\"n\","}}, {"!axis-freed w[0]"}},
      {{{R"("n": {)", R"("n": {"value": 8, )"}}, {"!axis-fixed x[0], y[0], z[0]"}},
      {{{"m + 1", "m + 2"}}, {"!size-changed z[1]"}},
      {{{R"(["n", "m + 1"])", R"([null, "m + 1"])"}}, {"!size-unstated z[0]"}},
      {{{R"(["n", "m + 1"])", R"(["other", "m + 1"])"}, {R"("axes": {)", R"("axes": {"other": {"free": true}, )"}},
       {"!relation-lost z[0]"}},
      {{{R"("n", "m", 3)", R"("m", "n", 3)"}}, {"!size-changed x[0]", "!size-changed x[1]"}},
      // axes
      {{{R"(["n"])", R"(["k"])"}}, {"axis-split axis n"}},
      {{{R"("n", "m", 3)", R"("n", "n", 3)"}, {"m + 1", "n + 1"}, {R"("m": {"multiple": 2}, )", ""}},
       {"!axes-merged axis n", "!range-narrowed axis m"}},
      {{{R"("n", "m", 3)", R"("n", "rows", 3)"}, {"m + 1", "rows + 1"}, {R"("m":)", R"("rows":)"}},
       {"axis-renamed axis m"}},
      {{{R"("max": 64)", R"("max": 32)"}}, {"!range-narrowed axis n"}},
      {{{R"("min": 2)", R"("min": 3)"}}, {"!range-narrowed axis n"}},
      {{{R"("multiple": 2)", R"("multiple": 4)"}}, {"!range-narrowed axis m"}},
      {{{R"("max": 64)", R"("max": 128)"}}, {"range-widened axis n"}},
      {{{R"("multiple": 2)", R"("multiple": 1)"}}, {"range-widened axis m"}},
      {{{R"("max": 10)", R"("max": 20)"}}, {"!range-widened axis found"}},
      {{{R"("max": 10)", R"("max": 5)"}}, {"range-narrowed axis found"}},
      // the rest
      {{{R"("values": {"max": 9})", R"("values": {"max": 8})"}}, {"!values-narrowed y"}},
      {{{R"("values": {"max": 9})", R"("values": {"max": 10})"}}, {"values-widened y"}},
      {{{R"(, "past": "y")", ""}}, {"!pairing-changed w"}},
      {{{R"("axes")", R"("opset": 20, "axes")"}}, {"opset-raised opset"}},
      {{{R"("axes")", R"("opset": 17, "axes")"}}, {"opset-lowered opset"}},
  };
  for (test_case const& each : cases) {
    std::string const after = changed(each.to);
    INFO(after);
    CHECK(changes(base, after) == each.expected);
  }
}

TEST_CASE("what is left open may be stated") {
  std::string const open = changed({{R"(["n", "m + 1"])", R"([null, "m + 1"])"}});
  CHECK(changes(open, base) == list{"size-stated z[0]"});
  std::string const open_input = changed({{"3]", "null]"}});
  CHECK(changes(open_input, base) == list{"!size-stated x[2]"});
  CHECK(changes(open_input, changed({{"3]", "\"k\"]"}})) == list{"size-stated x[2]"});
  CHECK(changes(base, open_input) == list{"size-unstated x[2]"});
  std::string const unranked = changed({{R"(["n", "m + 1"])", "null"}});
  CHECK(changes(unranked, base).empty());
}

TEST_CASE("a size that one contract computes and the other calls by a name") {
  std::string const computed = R"({"inputs": [{"name": "ids", "dtype": "int64", "dims": ["b", "s"]},
      {"name": "past", "dtype": "float32", "dims": ["b", "p"]}, {"name": "mask", "dtype": "int64", "dims": ["b", "p + s"]}],
      "outputs": [{"name": "present", "dtype": "float32", "dims": ["b", "p + s"]}]})";
  std::string named = computed;
  for (std::size_t at = 0; (at = named.find("p + s")) != std::string::npos;) named.replace(at, 5, "total");
  CHECK(changes(computed, named).empty());
  CHECK(changes(named, computed).empty());
  std::string wrong = named;
  wrong.replace(wrong.rfind("total"), 5, "s");
  CHECK(changes(computed, wrong) == list{"!size-changed present[1]"});
}
