/// The comparison without a heap, which the compiler makes, and that of `check`: files damaged at random, in which both
/// must see a difference, or neither. Usage: check_mismatch_test; SEED and FILES change what is tried.
#include "contracts.hpp"
#include "made_file.hpp"
#include <constexport/check/check.hpp>
#include <constexport/check/mismatch.hpp>
#include <constexport/models/gpt2.hpp>
#include <constexport/models/segformer.hpp>
#include <constexport/models/t5.hpp>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <map>
#include <random>
#include <set>
#include <string>
#include <string_view>
#include <vector>

using namespace constexport;
using namespace check_tests;

namespace {

// What `check` calls an error and a described file can show; the rest needs the file itself.
std::vector<file_finding> differences(std::string const& bytes, bound_contract const& bound) {
  static std::set<std::string_view> const shown{
      "input-removed", "input-added",    "input-renamed",     "inputs-reordered", "output-removed", "output-added",
      "dtype-changed", "output-renamed", "outputs-reordered", "rank-changed",     "rank-stated",    "size-changed",
      "size-stated",   "axis-fixed",     "axis-freed",        "axes-merged"};
  wire::model_file const file = wire::read_model(bytes);
  REQUIRE(file);
  std::vector<file_finding> result;
  for (file_finding& each : check(file.model, bound))
    if (each.severity == level::error && shown.contains(each.id)) result.push_back(std::move(each));
  return result;
}

class damage {
 public:
  damage(std::uint32_t seed, made_file& file, bound_contract const& bound)
      : random_(seed), file_(file), bound_(bound) {}

  static constexpr std::array names{"a tensor renamed",
                                    "two tensors exchanged",
                                    "another dtype",
                                    "another rank",
                                    "a dimension fixed",
                                    "a number freed",
                                    "two names exchanged everywhere",
                                    "two names exchanged in some tensors",
                                    "an axis's name where there is a number",
                                    "a name split",
                                    "a name instead of another",
                                    "names of their own",
                                    "an expression",
                                    "a size left open",
                                    "a shape left out",
                                    "another number",
                                    "a tensor more",
                                    "a tensor less",
                                    "an input with a default",
                                    "a name of the contract"};

  // False if the file has nothing of the kind.
  bool apply(std::size_t kind) {
    bool const input = one_of(2) == 0;
    auto& list = input ? file_.inputs : file_.outputs;
    if (list.empty()) return false;
    made_tensor& tensor = list[one_of(list.size())];
    made_dim* const dim = tensor.dims.empty() ? nullptr : &tensor.dims[one_of(tensor.dims.size())];
    std::string const old = name(), other = name();
    switch (kind) {
      case 0:
        tensor.name = one_of(2) == 0 ? "renamed" : list[one_of(list.size())].name;
        return true;
      case 1:
        std::swap(tensor, list[one_of(list.size())]);
        return true;
      case 2:
        tensor.type = one_of(3) == 0 ? dtype::undefined : one_of(2) == 0 ? dtype::int32 : dtype::float16;
        return true;
      case 3:
        if (dim == nullptr || one_of(2) == 0)
          tensor.dims.push_back({1, {}});
        else
          tensor.dims.pop_back();
        return true;
      case 4:
        if (old.empty()) return false;
        if (one_of(2) == 0)
          replace(old, {number(), {}}, 1);
        else if (dim != nullptr)
          *dim = {number(), {}};
        return true;
      case 5:
        if (dim == nullptr || dim->size < 0) return false;
        *dim = {-1, "fresh"};
        return true;
      case 6:
      case 7:
        if (old == other) return false;
        for (made_tensor& each : all(kind == 6 ? 1 : 2))
          for (made_dim& size : each.dims)
            if (size.param == old || size.param == other) size.param = size.param == old ? other : old;
        return true;
      case 8:
        if (dim == nullptr || dim->size < 0 || old.empty()) return false;
        *dim = {-1, old};
        return true;
      case 9:
        if (old.empty()) return false;
        replace(old, {-1, old + "_2"}, 2);
        return true;
      case 10:
        if (old == other || other.empty()) return false;
        replace(old, {-1, other}, 1 + one_of(2));
        return true;
      case 11:
        rename_all();
        return true;
      case 12: {
        if (dim == nullptr || old.empty() || other.empty()) return false;
        std::array const made{old + " + " + other,
                              other + "+" + old,
                              "2 * " + old,
                              old + " - 1",
                              "(" + old + ")",
                              old + " * 2 // 2",
                              "min(" + old + ", " + other + ")",
                              old + " + " + other + " - " + other,
                              old + " + (",
                              "sum_of_" + old,
                              old + " + 1"};
        std::string const written = made[one_of(made.size())];
        if (one_of(2) == 0)
          *dim = {-1, written};
        else
          replace(dim->param, {-1, written}, 1 + one_of(2));
        return true;
      }
      case 13:
        if (dim == nullptr) return false;
        *dim = {};
        return true;
      case 14:
        tensor.is_ranked = false;
        tensor.dims.clear();
        return true;
      case 15:
        if (dim == nullptr) return false;
        *dim = {number(), {}};
        return true;
      case 16: {
        made_tensor more = tensor;
        more.name = one_of(2) == 0 ? "more" : tensor.name;
        more.has_default = input && one_of(2) == 0;
        for (made_dim& each : more.dims)
          if (one_of(3) == 0) each = {-1, "fresh"};
        list.insert(list.begin() + static_cast<std::ptrdiff_t>(one_of(2) == 0 ? list.size() : one_of(list.size())),
                    more);
        return true;
      }
      case 17:
        if (list.size() < 2) return false;
        list.erase(list.begin() + static_cast<std::ptrdiff_t>(one_of(list.size())));
        return true;
      case 18:
        tensor.has_default = input;
        return input;
      default: {
        if (dim == nullptr) return false;
        auto const& symbols = bound_.table->symbols;
        std::string const symbol{symbols[one_of(symbols.size())].name};
        if (one_of(2) == 0)
          *dim = {-1, symbol};
        else
          replace(dim->param, {-1, symbol}, 1 + one_of(2));
        return true;
      }
    }
  }

  std::size_t one_of(std::size_t count) { return random_() % count; }

  // Every name another one, as of an exporter that knows nothing of the contract.
  void rename_all() {
    std::map<std::string, std::string> made;
    for (made_tensor& each : all(1))
      for (made_dim& dim : each.dims)
        if (!dim.param.empty())
          dim.param = made.try_emplace(dim.param, "s" + std::to_string(made.size())).first->second;
  }

 private:
  // All tensors, or each with a chance of one in `chance`.
  std::vector<std::reference_wrapper<made_tensor>> all(std::size_t chance) {
    std::vector<std::reference_wrapper<made_tensor>> result;
    for (auto* const list : {&file_.inputs, &file_.outputs})
      for (made_tensor& each : *list)
        if (one_of(chance) == 0) result.emplace_back(each);
    return result;
  }
  void replace(std::string param, made_dim const& by, std::size_t chance) {
    for (made_tensor& each : all(chance))
      for (made_dim& dim : each.dims)
        if (!dim.param.empty() && dim.param == param) dim = by;
  }
  // One of the file's names.
  std::string name() {
    std::vector<std::string> found;
    for (made_tensor const& each : all(1))
      for (made_dim const& dim : each.dims)
        if (!dim.param.empty()) found.push_back(dim.param);
    return found.empty() ? std::string{} : found[one_of(found.size())];
  }
  std::int64_t number() { return std::array<std::int64_t, 5>{0, 1, 3, 4, 64}[one_of(5)]; }

  std::mt19937 random_;
  made_file& file_;
  bound_contract const& bound_;
};

long asked(char const* name, long fallback) {
  char const* const text = std::getenv(name);
  return text == nullptr ? fallback : std::strtol(text, nullptr, 10);
}

std::string const text_contract = R"({
  "inputs": [{"name": "ids", "dtype": "int64", "dims": ["batch", "length"]},
             {"name": "past", "dtype": "float32", "dims": ["batch", "past_length", 4]},
             {"name": "mask", "dtype": "bool", "dims": ["batch", "past_length + length"]},
             {"name": "any", "dtype": "float32", "dims": [null, "rows * 2 // 2", 1]}],
  "outputs": [{"name": "scores", "dtype": "float32", "dims": ["batch", "length", 4]},
              {"name": "present", "dtype": "float32", "dims": ["batch", "past_length + length", 4], "past": "past"},
              {"name": "found", "dims": ["count", "count + other", 3]},
              {"name": "loose", "dtype": "int64", "dims": ["other", "rows - rows + 7", null]},
              {"name": "shapeless", "dtype": "float32", "dims": null}],
  "axes": {"count": {"free": true}, "other": {"free": true}}
})";

}  // namespace

namespace {

constexpr SegformerOnnxConfig<feature_extraction> segformer{};
constexpr GPT2OnnxConfig<text_generation, use_past> gpt2_from_start{num_layers = 1, batch_size = 1};

// A file of Segformer: what it calls the dimensions.
template <std::size_t Dims>
constexpr mismatch_kind pixels(described_dim const (&in)[Dims], described_dim const (&out)[Dims]) {
  std::array const inputs{described_tensor{"pixel_values", dtype::float32, in}};
  std::array const outputs{described_tensor{"last_hidden_state", dtype::float32, out}};
  return find_mismatch(segformer.bind(), described_file{inputs, outputs, 18}).kind;
}

// A file of GPT-2 without a past in its inputs: what it calls the length of each tensor.
constexpr mismatch_kind lengths(std::string_view ids, std::string_view mask, std::string_view positions,
                                std::string_view logits, std::string_view key, std::string_view value) {
  described_dim const of_ids[]{{1}, {-1, ids}}, of_mask[]{{1}, {-1, mask}}, of_positions[]{{1}, {-1, positions}};
  described_dim const of_logits[]{{1}, {-1, logits}, {50257}};
  described_dim const of_key[]{{1}, {12}, {-1, key}, {64}}, of_value[]{{1}, {12}, {-1, value}, {64}};
  described_tensor const inputs[]{{"input_ids", dtype::int64, of_ids},
                                  {"attention_mask", dtype::int64, of_mask},
                                  {"position_ids", dtype::int64, of_positions}};
  described_tensor const outputs[]{{"logits", dtype::float32, of_logits},
                                   {"present.0.key", dtype::float32, of_key},
                                   {"present.0.value", dtype::float32, of_value}};
  return find_mismatch(gpt2_from_start.bind(), described_file{inputs, outputs, 18}).kind;
}

constexpr described_dim any{};

constexpr bool alike_are_none() {
  return pixels({{-1, "batch_size"}, {3}, {-1, "height"}, {-1, "width"}}, {{-1, "batch_size"}, {256}, any, any}) ==
             mismatch_kind::none &&
         pixels({{-1, "n"}, {3}, {-1, "h"}, {-1, "w"}}, {{-1, "n"}, {256}, {-1, "h_32"}, {-1, "w_32"}}) ==
             mismatch_kind::none &&
         pixels({{-1, "n"}, {-1, "c"}, {-1, "h"}, {-1, "w"}}, {{-1, "n"}, {256}, {-1, "(h + 31) // 32"}, any}) ==
             mismatch_kind::none &&
         lengths("s", "s", "s", "s", "s", "s") == mismatch_kind::none;
}
// No caller can tell: what is fed decides what each name is.
constexpr bool names_exchanged_everywhere() {
  return pixels({{-1, "width"}, {3}, {-1, "height"}, {-1, "batch_size"}}, {{-1, "width"}, {256}, any, any}) ==
         mismatch_kind::none;
}
constexpr bool name_where_there_is_a_number() {
  return pixels({{-1, "width"}, {-1, "batch_size"}, {-1, "height"}, {-1, "w"}}, {{-1, "width"}, {256}, any, any}) ==
         mismatch_kind::none;
}
constexpr bool axis_split_that_outputs_mix_up() { return lengths("a", "a", "b", "a", "b", "a") == mismatch_kind::none; }
constexpr bool exchanged_names_of_their_own() {
  return lengths("s1", "s0", "s1", "s1", "s0", "s1") == mismatch_kind::none;
}
// Each passed when the compiler had a comparison of its own.
constexpr bool names_exchanged_in_one_tensor() {
  return pixels({{-1, "batch_size"}, {3}, {-1, "width"}, {-1, "height"}}, {{-1, "batch_size"},
                                                                           {256},
                                                                           {-1, "open_height_plus_31_close_div_32"},
                                                                           {-1, "open_width_plus_31_close_div_32"}}) ==
         mismatch_kind::other_axis;
}
constexpr bool expression_instead_of_an_axis() {
  return pixels({{-1, "n"}, {3}, {-1, "h"}, {-1, "2 * w"}}, {{-1, "n"}, {256}, {-1, "w"}, any}) ==
         mismatch_kind::other_axis;
}
static_assert(alike_are_none());
static_assert(names_exchanged_in_one_tensor());
static_assert(names_exchanged_everywhere());
static_assert(name_where_there_is_a_number());
static_assert(expression_instead_of_an_axis());
static_assert(axis_split_that_outputs_mix_up());
static_assert(exchanged_names_of_their_own());

}  // namespace

TEST_CASE("what passed before, at run time") {
  CHECK(alike_are_none());
  CHECK(names_exchanged_in_one_tensor());
  CHECK(names_exchanged_everywhere());
  CHECK(name_where_there_is_a_number());
  CHECK(expression_instead_of_an_axis());
  CHECK(axis_split_that_outputs_mix_up());
  CHECK(exchanged_names_of_their_own());
}

TEST_CASE("a file damaged at random differs by both comparisons or by neither") {
  constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 2};
  constexpr T5OnnxConfig<text2text_generation, use_past, use_past_in_inputs> t5{};
  auto const text = contract_of(text_contract);
  std::array const contracts{gpt2.bind(), t5.bind(), segformer.bind(), gpt2_from_start.bind(), text->bound()};
  auto const seed = static_cast<std::uint32_t>(asked("SEED", 1));
  auto const files = static_cast<std::uint32_t>(asked("FILES", 12000));
  std::size_t differing = 0;
  std::map<std::string_view, std::array<std::size_t, 2>> of_kind;  // of files damaged in one way
  for (std::uint32_t i = 0; i < files; ++i) {
    bound_contract const& bound = contracts[i % contracts.size()];
    made_file file(bound, i % 2 == 0 ? dim_naming::identifiers : dim_naming::optimum);
    damage hits(seed * 1000003 + i, file, bound);
    if (hits.one_of(4) == 0) hits.rename_all();
    std::size_t const count = hits.one_of(5);
    std::vector<std::size_t> kinds;
    while (kinds.size() < count)
      if (std::size_t const kind = hits.one_of(damage::names.size()); hits.apply(kind)) kinds.push_back(kind);
    std::vector<file_finding> const wanted = differences(file.bytes(), bound);
    described const description(file);
    mismatch const found = find_mismatch(bound, description.value);
    differing += wanted.empty() ? 0u : 1u;
    if (count == 1) ++of_kind[damage::names[kinds[0]]][wanted.empty() ? 0 : 1];
    bool same = wanted.empty() == (found.kind == mismatch_kind::none);
    // A dtype, a rank and a size are one that `check` names, too.
    if (same && found.kind >= mismatch_kind::dtype && found.kind < mismatch_kind::other_axis)
      same = std::ranges::any_of(wanted, [&](file_finding const& each) {
        return std::ranges::find(each.places, found.where) != each.places.end();
      });
    if (same) continue;
    std::string all;
    for (file_finding const& each : wanted)
      all += each.id + " " + places_text(each.places) + ": " + each.message + "\n";
    for (std::size_t const kind : kinds) all += std::string(damage::names[kind]) + "; ";
    INFO("file " << i << ": " << all << "\nfind_mismatch: " << int(found.kind) << " " << found.where << " "
                 << found.expected << " | " << found.found << "\n"
                 << file.text());
    CHECK(same);
  }
  // Neither comparison says the same of all.
  CHECK(differing > files / 4);
  CHECK(differing < files / 10 * 9);
  for (std::string_view const kind : damage::names) {
    INFO(kind << ": " << of_kind[kind][0] << " alike, " << of_kind[kind][1] << " differ");
    CHECK(of_kind[kind][0] + of_kind[kind][1] > 0);
  }
}
