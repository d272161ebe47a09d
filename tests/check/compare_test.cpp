/// Two contracts, and what of the difference a consumer meets.
#include "contracts.hpp"
#include <constexport/check/compare.hpp>
#include <constexport/check/contract_interface.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <string>
#include <string_view>
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
std::vector<std::string> changes(model_interface const& before, model_interface const& after) {
  std::vector<std::string> result;
  for (change const& each : compare(before, after)) {
    std::string text = (each.is_breaking ? "!" : "") + std::string(row_of(each.kind).id);
    for (std::size_t i = 0; i < each.places.size(); ++i) text += (i == 0 ? " " : ", ") + each.places[i];
    result.push_back(text);
  }
  std::ranges::sort(result);
  return result;
}

std::vector<std::string> changes(std::string const& before, std::string const& after) {
  auto const old_one = contract_of(before), new_one = contract_of(after);
  return changes(interface_of(old_one->bound()), interface_of(new_one->bound()));
}

std::vector<std::string> split(std::string text, std::string_view by) {
  std::vector<std::string> result;
  for (std::size_t at; (at = text.find(by)) != std::string::npos; text.erase(0, at + by.size()))
    result.push_back(text.substr(0, at));
  result.push_back(text);
  return result;
}

// A contract out of "x: N, 3; m: * -> y: N + 1": "?" is a size that is not stated, "*" a rank that is not.
std::string text_of(std::string const& shapes, std::string const& axes) {
  std::string text = "{";
  for (std::string const& side : split(shapes, " -> ")) {
    std::string tensors;
    for (std::string const& tensor : split(side, "; ")) {
      std::size_t const colon = tensor.find(": ");
      std::string dims;
      for (std::string const& dim : split(tensor.substr(colon + 2), ", "))
        dims += (dims.empty() ? "" : ", ") + (dim == "?" ? "null" : "\"" + dim + "\"");
      tensors += (tensors.empty() ? "" : ", ") + (R"({"name": ")" + tensor.substr(0, colon)) +
                 R"(", "dtype": "float32", "dims": )" + (dims == "\"*\"" ? "null" : "[" + dims + "]") + "}";
    }
    text += (text.size() == 1 ? R"("inputs": [)" : R"("outputs": [)") + tensors + "], ";
  }
  return text + R"("axes": {)" + axes + "}}";
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
  CHECK(changes(unranked, base) == list{"rank-stated z"});
}

TEST_CASE("a size that one contract computes and the other calls by a name") {
  std::string const computed = R"({"inputs": [{"name": "ids", "dtype": "int64", "dims": ["b", "s"]},
      {"name": "past", "dtype": "float32", "dims": ["b", "p"]}, {"name": "mask", "dtype": "int64", "dims": ["b", "p + s"]}],
      "outputs": [{"name": "present", "dtype": "float32", "dims": ["b", "p + s"]}]})";
  std::string named = computed;
  for (std::size_t at = 0; (at = named.find("p + s")) != std::string::npos;) named.replace(at, 5, "total");
  CHECK(changes(computed, named) == list{"relation-lost mask[1]"});
  CHECK(changes(named, computed) == list{"!size-changed mask[1], present[1]"});
  std::string wrong = named;
  wrong.replace(wrong.rfind("total"), 5, "s");
  CHECK(changes(computed, wrong) == list{"!size-changed present[1]", "relation-lost mask[1]"});
}

TEST_CASE("a change breaks if there is a call that was taken and is not, or is answered otherwise") {
  struct side {
    std::string shapes;
    std::string axes{};
  };
  struct test_case {
    side before, after;
    list expected;
  };
  std::string const k_of_data = R"("K": {"free": true})", four = R"("N": {"min": 4, "max": 4})";
  std::vector<test_case> const cases{
      // what was open
      {{"x: *; m: N -> y: 1"}, {"x: N, 3; m: N -> y: 1"}, {"!rank-stated x"}},
      {{"x: N -> y: *"}, {"x: N -> y: N"}, {"rank-stated y"}},
      {{"x: ?; m: N -> y: N"}, {"x: N; m: N -> y: N"}, {"!size-stated x[0]"}},
      {{"a: ?; b: ? -> y: 1"}, {"a: N; b: N -> y: 1"}, {"!size-stated b[0]", "size-stated a[0]"}},
      {{"a: ?; b: ? -> y: 1"}, {"a: N; b: M -> y: 1"}, {"size-stated a[0]", "size-stated b[0]"}},
      {{"a: ? -> y: 1"}, {"a: N -> y: 1", R"("N": {"max": 9})"}, {"!size-stated a[0]"}},
      {{"a: ? -> y: ?"}, {"a: N -> y: N"}, {"size-stated a[0], y[0]"}},
      // an axis of callers becomes several, or several one
      {{"x: N; m: N, L -> y: N; z: N"}, {"x: N; m: M, L -> y: N; z: M"}, {"axis-split axis N"}},
      {{"x: N; m: N, L -> y: N; z: N"}, {"x: N; m: M, L -> y: M; z: N"}, {"axis-split axis N"}},
      {{"x: N; m: M -> y: N; z: M"}, {"x: N; m: N -> y: N; z: N"}, {"!axes-merged axis N"}},
      {{"x: N; m: M -> y: N", R"("N": {"min": 4, "max": 4}, "M": {"min": 4, "max": 4})"},
       {"x: N; m: N -> y: N"},
       {"axes-merged axis N", "range-widened axis N, axis M"}},
      {{"x: N, L -> y: N"}, {"x: L, N -> y: L"}, {"axes-exchanged axis L", "axes-exchanged axis N"}},
      {{"x: N, L -> y: N"}, {"x: L, N -> y: N"}, {"!size-changed x[0]", "!size-changed x[1]"}},
      {{"a: H; b: G -> y: H"}, {"a: H; b: H + 1 -> y: H"}, {"!size-changed b[0]"}},
      {{"a: H; b: H + 1 -> y: H"}, {"a: H; b: G -> y: H"}, {"relation-lost b[0]"}},
      {{"a: H; p: P; b: G -> y: G"}, {"a: H; p: P; b: H + P -> y: H + P"}, {"!size-changed b[0], y[0]"}},
      {{"a: H; p: P; b: H + P -> y: H + P"}, {"a: H; p: P; b: G -> y: G"}, {"relation-lost b[0]"}},
      {{"x: w * 2 -> y: w"}, {"x: v -> y: v // 2"}, {"relation-lost x[0]"}},
      {{"x: v -> y: v // 2"}, {"x: w * 2 -> y: w"}, {"!size-changed x[0]", "!size-changed y[0]"}},
      {{"x: v -> y: v // 2", R"("v": {"multiple": 2})"}, {"x: w * 2 -> y: w"}, {}},
      {{"x: h // 4 -> y: h // 4"}, {"x: k // 4 -> y: k // 4"}, {"axis-renamed axis h"}},
      // numbers
      {{"x: 4; w: 5 -> y: 7"}, {"x: N; w: N -> y: 7"}, {"!axis-freed w[0]", "axis-freed x[0]"}},
      {{"x: N; w: 4 -> y: 7"}, {"x: N; w: N -> y: 7"}, {"!axis-freed w[0]"}},
      {{"w: 4; x: N -> y: 7"}, {"w: M; x: M -> y: 7"}, {"!axis-freed w[0]", "axis-renamed axis N"}},
      {{"x: 4; w: 4 -> y: 4"}, {"x: N; w: N -> y: N"}, {"axis-freed x[0], w[0], y[0]"}},
      {{"x: 4 -> y: 4"}, {"x: N -> y: N + 1"}, {"!axis-freed y[0]", "axis-freed x[0]"}},
      {{"x: 4 -> y: 5"}, {"x: N -> y: N + 1"}, {"axis-freed x[0]", "axis-freed y[0]"}},
      {{"x: 4 -> y: 4"}, {"x: N -> y: N", R"("N": {"max": 3})"}, {"!axis-freed x[0]", "axis-freed y[0]"}},
      {{"x: N -> y: N", four}, {"x: 4 -> y: 4"}, {"axis-fixed x[0], y[0]"}},
      {{"x: 4 -> y: 4"}, {"x: N -> y: N", four}, {"axis-freed x[0], y[0]"}},
      {{"x: N -> y: N"}, {"x: 4 -> y: 4"}, {"!axis-fixed x[0], y[0]"}},
      {{"x: N -> y: N"}, {"x: N -> y: 4"}, {"!axis-fixed y[0]"}},
      // sizes that data decides
      {{"x: N -> y: K", k_of_data}, {"x: N -> y: 3"}, {"axis-fixed y[0]"}},
      {{"x: N -> y: K", R"("K": {"free": true, "max": 2})"}, {"x: N -> y: 3"}, {"!axis-fixed y[0]"}},
      {{"x: N -> y: 3"}, {"x: N -> y: K", k_of_data}, {"!axis-freed y[0]"}},
      {{"x: N -> y: K", k_of_data}, {"x: N -> y: N"}, {"size-stated y[0]"}},
      {{"x: N -> y: N"}, {"x: N -> y: K", k_of_data}, {"!relation-lost y[0]"}},
      {{"x: N -> y: K; z: K", k_of_data},
       {"x: N -> y: K; z: J", k_of_data + R"(, "J": {"free": true})"},
       {"!relation-lost z[0]", "axis-split axis K"}},
      {{"x: N -> y: K; z: J", k_of_data + R"(, "J": {"free": true})"},
       {"x: N -> y: K; z: K", k_of_data},
       {"axes-merged axis K"}},
      {{"x: N -> y: K + 1", k_of_data}, {"x: N -> y: J + 1", R"("J": {"free": true})"}, {}},
      {{"x: N -> y: K + 2", k_of_data}, {"x: N -> y: J + 1", R"("J": {"free": true})"}, {"!size-changed y[0]"}},
      // ranges of what is substituted
      {{"x: N + 1 -> y: N"}, {"x: M -> y: M - 1", R"("M": {"min": 2})"}, {"relation-lost x[0]"}},
      {{"x: N + 1 -> y: N"},
       {"x: M -> y: M - 1", R"("M": {"min": 3})"},
       {"!range-narrowed axis N + 1", "relation-lost x[0]"}},
      {{"x: N * 4 -> y: N"}, {"x: M -> y: M // 4", R"("M": {"multiple": 4})"}, {"relation-lost x[0]"}},
      {{"x: N; m: N -> y: N", R"("N": {"max": 8})"},
       {"x: N; m: M -> y: N", R"("N": {"max": 8}, "M": {"max": 7})"},
       {"!range-narrowed axis N", "axis-split axis N"}},
  };
  for (test_case const& each : cases) {
    INFO(each.before.shapes << " to " << each.after.shapes);
    std::string const before = text_of(each.before.shapes, each.before.axes);
    std::string const after = text_of(each.after.shapes, each.after.axes);
    CHECK(changes(before, after) == each.expected);
    CHECK(changes(before, before).empty());
    CHECK(changes(after, after).empty());
  }
}

TEST_CASE("what a size is by its place is said where its name does not say it") {
  auto const texts = [](std::string const& before, std::string const& after, std::string const& axes_after) {
    auto const old_one = contract_of(text_of(before, "")), new_one = contract_of(text_of(after, axes_after));
    std::string result;
    for (change const& each : compare(interface_of(old_one->bound()), interface_of(new_one->bound())))
      if (each.is_breaking) result += (result.empty() ? "" : "; ") + each.before + " -> " + each.after;
    return result;
  };
  CHECK(texts("x: N; m: L -> z: L + 1", "x: N; m: ? -> z: L + 1", R"("L": {"free": true})") ==
        "L + 1 -> L + 1 (no input has L)");
  CHECK(texts("x: 4; w: 5 -> y: 7", "x: N; w: N -> y: 7", "") == "5 -> N (N is 4)");
  CHECK(texts("x: ?; m: N -> y: 7", "x: N; m: N -> y: 7", "") == "? -> N");
  CHECK(texts("a: ?; b: ? -> y: 7", "a: N; b: N -> y: 7", "") == "? -> N (N is a[0])");
  CHECK(texts("x: N -> y: N", "x: B -> y: B + 1", "") == "N -> B + 1 (B is N)");
}

TEST_CASE("ranges that a file does not state, and inputs that need not be given") {
  auto const text = [](std::string const& axes) { return contract_of(text_of("x: N -> y: K", axes)); };
  auto const stated = text(R"("N": {"max": 8}, "K": {"free": true, "max": 9})");
  auto const wide = text(R"("K": {"free": true})");
  model_interface const some = interface_of(stated->bound()), all = interface_of(wide->bound());
  model_interface file = all;
  for (interface_axis& each : file.axes) each = {each.name};
  CHECK(changes(some, file) == list{"!range-unstated axis K"});
  CHECK(changes(file, some) == list{"!range-narrowed axis N"});
  CHECK(changes(all, file).empty());
  CHECK(changes(file, all).empty());

  model_interface may_lack = all;
  may_lack.inputs[0].has_default = true;
  CHECK(changes(all, may_lack) == list{"input-optional x"});
  CHECK(changes(may_lack, all) == list{"!input-added x"});
  model_interface more = all;
  more.inputs.push_back(more.inputs[0]);
  more.inputs[1].name = "w";
  CHECK(changes(all, more) == list{"!input-added w"});
  more.inputs[1].has_default = true;
  CHECK(changes(all, more) == list{"input-optional w"});
}

TEST_CASE("which values an input takes") {
  auto const with = [](std::string const& values) {
    return R"({"inputs": [{"name": "ids", "dtype": "int64", "dims": ["N"], "values": )" + values +
           R"(}], "outputs": [{"name": "y", "dtype": "float32", "dims": ["N"]}]})";
  };
  std::string const as_mask = with(R"("mask")"), as_positions = with(R"("positions")"), bits = with(R"({"max": 1})"),
                    digits = with(R"({"max": 9})"), with_end_2 = with(R"({"kind": "ended", "end": 2, "max": 9})"),
                    with_end_3 = with(R"({"kind": "ended", "end": 3, "max": 9})");
  list const narrowed{"!values-narrowed ids"}, widened{"values-widened ids"};
  CHECK(changes(as_mask, as_positions) == narrowed);
  CHECK(changes(as_positions, as_mask) == narrowed);
  CHECK(changes(as_positions, digits) == narrowed);
  CHECK(changes(digits, as_positions) == narrowed);
  CHECK(changes(as_mask, digits) == widened);
  CHECK(changes(bits, as_mask) == narrowed);
  CHECK(changes(as_mask, bits) == widened);
  CHECK(changes(with_end_2, digits) == widened);
  CHECK(changes(digits, with_end_2) == narrowed);
  CHECK(changes(with_end_2, with_end_3) == narrowed);
  CHECK(changes(with_end_2, with_end_2).empty());
}
