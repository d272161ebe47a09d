// Dummy values: the generator against the known answers of its authors, elements against another implementation
// (make_expected.py), ranges, slices and what randomness should look like.
#include "../support/twice.hpp"
#include "dummies.hpp"
#include "expected.hpp"

#include <catch2/catch_template_test_macros.hpp>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <iterator>
#include <memory>
#include <vector>

using namespace constexport_tests;

namespace {

constexpr std::size_t cases = std::size(expected::indices);

template <int Rounds>
constexpr bool answers(std::array<std::uint32_t, 4> counter, std::array<std::uint32_t, 4> key,
                       std::array<std::uint32_t, 4> answer) {
  std::uint32_t words[4][1] = {{counter[0]}, {counter[1]}, {counter[2]}, {counter[3]}};
  std::uint32_t const parity = 0x1BD11BDA ^ key[0] ^ key[1] ^ key[2] ^ key[3];
  threefry<Rounds>(words, {key[0], key[1], key[2], key[3], parity});
  return words[0][0] == answer[0] && words[1][0] == answer[1] && words[2][0] == answer[2] && words[3][0] == answer[3];
}

// Every element that make_expected.py worked out, each as a slice of its own.
template <class T, class U>
constexpr bool gives(dtype type, std::int64_t lower, std::int64_t upper, U const (&values)[cases]) {
  dummy_tensor const tensor = dummy(type, {std::int64_t{1} << 40}, lower, upper, value_kind::uniform, expected::seed);
  for (std::size_t i = 0; i < cases; ++i)
    if (value_of(slice<T, 1>(tensor, expected::indices[i])[0]) != values[i]) return false;
  return true;
}

// Not a vector: that of bool has no bools.
template <class T>
struct elements {
  explicit elements(std::size_t count) : memory(std::make_unique<T[]>(count)), values(memory.get(), count) {}
  std::unique_ptr<T[]> memory;
  std::span<T> values;
  auto begin() const { return values.begin(); }
  auto end() const { return values.end(); }
  std::size_t size() const { return values.size(); }
  T const& operator[](std::size_t index) const { return values[index]; }
};

template <class T>
elements<T> draw_all(dummy_tensor const& tensor) {
  elements<T> result(tensor.elements());
  REQUIRE(fill(result.values, tensor).ok());
  return result;
}

}  // namespace

TEST_CASE("the generator gives the known answers of its authors") {
  // D. E. Shaw Research, Random123, tests/kat_vectors: threefry4x32.
  CHECK_TWICE([] {
    constexpr std::uint32_t f = 0xffffffff;
    return answers<13>({0, 0, 0, 0}, {0, 0, 0, 0}, {0x531c7e4f, 0x39491ee5, 0x2c855a92, 0x3d6abf9a}) &&
           answers<13>({f, f, f, f}, {f, f, f, f}, {0xc4189358, 0x1c9cc83a, 0xd5881c67, 0x6a0a89e0}) &&
           answers<13>({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344},
                       {0xa4093822, 0x299f31d0, 0x082efa98, 0xec4e6c89},
                       {0x4aa71d8f, 0x734738c2, 0x431fc6a8, 0xae6debf1}) &&
           answers<20>({0, 0, 0, 0}, {0, 0, 0, 0}, {0x9c6ca96a, 0xe17eae66, 0xfc10ecd4, 0x5256a7d8}) &&
           answers<20>({f, f, f, f}, {f, f, f, f}, {0x2a881696, 0x57012287, 0xf6c7446e, 0xa16a6732});
  });
}

TEST_CASE("a word depends on seed, tensor and position as documented") {
  CHECK_TWICE([] {
    random_words const source(expected::seed, identity_of({"x"}));
    for (std::size_t i = 0; i < cases; ++i)
      if (source.word(expected::indices[i]) != expected::words[i]) return false;
    return true;
  });
  CHECK_TWICE([] { return identity_of({"past_key_values.*.key", 11}) == expected::identity_of_layer_11; });
  CHECK_TWICE([] { return identity_of({"past_key_values.11.key"}) == expected::identity_of_layer_11; });
}

TEST_CASE("elements are those of the other implementation") {
  using namespace expected;
  CHECK_TWICE([] { return gives<std::int64_t>(dtype::int64, 0, 30522, ids); });
  CHECK_TWICE([] { return gives<std::int32_t>(dtype::int32, 0, 30522, ids); });
  CHECK_TWICE([] { return gives<std::uint16_t>(dtype::uint16, 0, 30522, ids); });
  CHECK_TWICE([] { return gives<std::int64_t>(dtype::int64, -5, std::int64_t{1} << 40, wide_ids); });
  CHECK_TWICE([] { return gives<float>(dtype::float32, 0, 1, float32_unit); });
  CHECK_TWICE([] { return gives<float>(dtype::float32, -1, 1, float32_symmetric); });
  CHECK_TWICE([] { return gives<float>(dtype::float32, 3, 640, float32_box); });
  CHECK_TWICE([] { return gives<double>(dtype::float64, 0, 1, float64_unit); });
  CHECK_TWICE([] { return gives<double>(dtype::float64, -1, 1, float64_symmetric); });
  CHECK_TWICE([] { return gives<double>(dtype::float64, 3, 640, float64_box); });
  CHECK_TWICE([] { return gives<float16_element>(dtype::float16, 0, 1, float16_unit); });
  CHECK_TWICE([] { return gives<float16_element>(dtype::float16, -1, 1, float16_symmetric); });
  CHECK_TWICE([] { return gives<float16_element>(dtype::float16, 3, 640, float16_box); });
  CHECK_TWICE([] { return gives<bfloat16_element>(dtype::bfloat16, 0, 1, bfloat16_unit); });
  CHECK_TWICE([] { return gives<bfloat16_element>(dtype::bfloat16, -1, 1, bfloat16_symmetric); });
  CHECK_TWICE([] { return gives<bfloat16_element>(dtype::bfloat16, 3, 640, bfloat16_box); });
}

TEST_CASE("one element type gives the numbers of another, rounded down") {
  dummy_tensor tensor = dummy(dtype::float64, {5000}, 0, 1);
  auto const doubles = draw_all<double>(tensor);
  tensor.type = dtype::float32;
  auto const floats = draw_all<float>(tensor);
  tensor.type = dtype::float16;
  auto const halves = draw_all<float16_element>(tensor);
  for (std::size_t i = 0; i < doubles.size(); ++i) {
    REQUIRE(floats[i] == std::floor(doubles[i] * 0x1p24) * 0x1p-24);
    REQUIRE(value_of(halves[i]) == std::floor(doubles[i] * 0x1p11) * 0x1p-11);
  }
}

TEMPLATE_TEST_CASE("any slice equals the whole, at compile time and at run time", "", float, double, float16_element,
                   bfloat16_element, bool, std::int8_t, std::int64_t, std::uint32_t) {
  static constexpr dtype type = [] {
    for (int each = 1; each < 17; ++each)
      if (holds<TestType>(static_cast<dtype>(each))) return static_cast<dtype>(each);
    return dtype::undefined;
  }();
  static constexpr dummy_tensor tensor = dummy(type, {1500}, 0, std::is_same_v<TestType, bool> ? 2 : 100);
  auto const whole = draw_all<TestType>(tensor);
  static constexpr auto by_compiler = slice<TestType, 333>(tensor, 70);
  CHECK(std::equal(by_compiler.begin(), by_compiler.end(), whole.begin() + 70));
  for (std::size_t const first : {0u, 1u, 15u, 63u, 64u, 65u, 700u, 1499u})
    for (std::size_t const size : {0u, 1u, 2u, 63u, 64u, 65u, 130u, 600u}) {
      if (first + size > whole.size()) continue;
      // Memory of exactly this size, so that a store beyond it is seen.
      auto const part = std::make_unique<TestType[]>(size);
      REQUIRE(fill(std::span<TestType>(part.get(), size), tensor, first).ok());
      REQUIRE(std::equal(part.get(), part.get() + size, whole.begin() + static_cast<std::ptrdiff_t>(first)));
    }
}

TEST_CASE("vectors of every width give the same words") {
  random_words const source(7, 8);
  std::array<std::uint32_t, 640> one_by_one;
  // The upper half of the counter changes between these groups.
  std::uint64_t const group = (std::uint64_t{1} << 28) - 3;
  for (std::size_t i = 0; i < one_by_one.size(); ++i) one_by_one[i] = source.word(group * 64 + i, 1);
  std::array<std::uint32_t, 640> wide{};
  detail::draw_groups<16>(source, group, 10, 1, detail::store_words{}, wide.data());
  CHECK(wide == one_by_one);
#ifdef CONSTEXPORT_WIDER_VECTORS
  if (__builtin_cpu_supports("avx2")) {
    wide = {};
    detail::draw_groups_avx2(source, group, 10, 1, detail::store_words{}, wide.data());
    CHECK(wide == one_by_one);
  }
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) {
    wide = {};
    detail::draw_groups_avx512(source, group, 10, 1, detail::store_words{}, wide.data());
    CHECK(wide == one_by_one);
  }
#endif
}

TEST_CASE("memory need not be aligned for vectors") {
  dummy_tensor const tensor = dummy(dtype::float32, {1000}, 0, 1);
  auto const whole = draw_all<float>(tensor);
  std::vector<float> shifted(1001);
  REQUIRE(fill(std::span<float>(shifted).subspan(1), tensor).ok());
  CHECK(std::equal(whole.begin(), whole.end(), shifted.begin() + 1));
}

TEST_CASE("values stay in their range, and reach both ends") {
  auto const ends = []<class T>(dtype type, std::int64_t lower, std::int64_t upper, T smallest, T largest) {
    auto const values = draw_all<T>(dummy(type, {300000}, lower, upper));
    auto const [low, high] = std::minmax_element(values.begin(), values.end());
    CHECK(*low == smallest);
    CHECK(*high == largest);
  };
  ends(dtype::int64, 0, 2, std::int64_t{0}, std::int64_t{1});
  ends(dtype::int32, -7, 5, -7, 4);
  ends(dtype::int8, -128, 128, std::int8_t{-128}, std::int8_t{127});
  ends(dtype::uint8, 0, 256, std::uint8_t{0}, std::uint8_t{255});
  ends(dtype::boolean, 0, 2, false, true);
  ends(dtype::boolean, 1, 2, true, true);
  ends(dtype::int64, 42, 43, std::int64_t{42}, std::int64_t{42});
  auto const reals = draw_all<float>(dummy(dtype::float32, {1000000}, -3, 4));
  CHECK(std::all_of(reals.begin(), reals.end(), [](float value) { return value >= -3 && value < 4; }));
  CHECK(*std::min_element(reals.begin(), reals.end()) < -2.9999f);
  CHECK(*std::max_element(reals.begin(), reals.end()) > 3.9999f);
  auto const halves = draw_all<float16_element>(dummy(dtype::float16, {300000}, -60000, 65504));
  CHECK(std::all_of(halves.begin(), halves.end(),
                    [](float16_element each) { return value_of(each) >= -60000 && value_of(each) < 65504; }));
}

TEST_CASE("values look random") {
  constexpr std::size_t count = 1 << 20;
  auto const values = draw_all<float>(dummy(dtype::float32, {count}, 0, 1));
  double sum = 0, squares = 0, neighbours = 0;
  std::array<int, 256> bins{};
  for (std::size_t i = 0; i < count; ++i) {
    double const value = values[i];
    sum += value;
    squares += (value - 0.5) * (value - 0.5);
    neighbours += (value - 0.5) * (static_cast<double>(values[(i + 1) % count]) - 0.5);
    ++bins[static_cast<std::size_t>(value * 256)];
  }
  // Five standard deviations each.
  CHECK(std::abs(sum / count - 0.5) < 5 * std::sqrt(1 / 12.0 / count));
  CHECK(std::abs(squares / count - 1 / 12.0) < 5 * std::sqrt(1 / 180.0 / count));
  CHECK(std::abs(neighbours / count) < 5 / 12.0 / std::sqrt(count));
  auto const chi_square = [&](auto const& seen) {
    double const wanted = double{count} / static_cast<double>(seen.size());
    double sum_of = 0;
    for (int const each : seen) sum_of += (each - wanted) * (each - wanted) / wanted;
    return sum_of;
  };
  CHECK(std::abs(chi_square(bins) - 255) < 5 * std::sqrt(2 * 255.0));

  // Ids: an odd number of values, and pairs of neighbours in a group's lane order and in the element's order.
  auto const ids = draw_all<std::int64_t>(dummy(dtype::int64, {count}, 0, 13));
  std::array<int, 169> pairs{}, lanes{};
  for (std::size_t i = 0; i < count; ++i) {
    ++pairs[static_cast<std::size_t>(ids[i] * 13 + ids[(i + 1) % count])];
    ++lanes[static_cast<std::size_t>(ids[i] * 13 + ids[(i + 16) % count])];
  }
  CHECK(std::abs(chi_square(pairs) - 168) < 5 * std::sqrt(2 * 168.0));
  CHECK(std::abs(chi_square(lanes) - 168) < 5 * std::sqrt(2 * 168.0));
}

TEST_CASE("tensors, layers and seeds are independent of each other") {
  constexpr std::int64_t count = 1 << 18;
  auto const correlation = [&](dummy_tensor const& a, dummy_tensor const& b) {
    auto const x = draw_all<float>(a), y = draw_all<float>(b);
    double sum = 0;
    for (std::size_t i = 0; i < x.size(); ++i)
      sum += (static_cast<double>(x[i]) - 0.5) * (static_cast<double>(y[i]) - 0.5);
    return std::abs(sum * 12 / std::sqrt(double{count}));  // in standard deviations
  };
  dummy_tensor const one = dummy(dtype::float32, {count}, 0, 1);
  dummy_tensor const other_seed = dummy(dtype::float32, {count}, 0, 1, value_kind::uniform, 2);
  dummy_tensor const other_name = dummy(dtype::float32, {count}, 0, 1, value_kind::uniform, 1, "y");
  dummy_tensor next_layer = one;
  next_layer.identity = identity_of({"x.*", 1});
  CHECK(correlation(one, other_seed) < 5);
  CHECK(correlation(one, other_name) < 5);
  CHECK(correlation(one, next_layer) < 5);
  CHECK(correlation(one, one) > 100);
}

TEST_CASE("a mask's rows are ones, then zeros") {
  CHECK_TWICE([] {
    auto const rows = slice<std::int64_t, 400>(dummy(dtype::int64, {8, 5, 10}, 0, 2, value_kind::mask));
    bool shorter = false, differ = false;
    for (std::size_t row = 0; row < 40; ++row) {
      if (rows[row * 10] != 1) return false;
      for (std::size_t i = 1; i < 10; ++i) {
        std::int64_t const value = rows[row * 10 + i];
        if ((value != 0 && value != 1) || value > rows[row * 10 + i - 1]) return false;
        shorter = shorter || value == 0;
        differ = differ || value != rows[i];
      }
    }
    return shorter && differ;
  });
  // All lengths occur equally often.
  auto const rows = draw_all<float>(dummy(dtype::float32, {64000, 8}, 0, 2, value_kind::mask));
  std::array<int, 9> lengths{};
  for (std::size_t row = 0; row < 64000; ++row)
    ++lengths[static_cast<std::size_t>(std::count(&rows[row * 8], &rows[row * 8] + 8, 1.0f))];
  CHECK(lengths[0] == 0);
  for (std::size_t i = 1; i < 9; ++i) CHECK(std::abs(lengths[i] - 8000) < 5 * std::sqrt(8000.0));
  // A slice may begin within a row.
  dummy_tensor const tensor = dummy(dtype::boolean, {50, 7}, 0, 2, value_kind::mask);
  auto const whole = draw_all<bool>(tensor);
  auto const part = slice<bool, 100>(tensor, 73);
  CHECK(std::equal(part.begin(), part.end(), whole.begin() + 73));
}

TEST_CASE("positions count along the last dimension") {
  CHECK_TWICE([] {
    auto const values = slice<std::int64_t, 12>(dummy(dtype::int64, {2, 3, 4}, 0, 0, value_kind::positions), 5);
    std::int64_t const wanted[] = {1, 2, 3, 0, 1, 2, 3, 0, 1, 2, 3, 0};
    return std::equal(values.begin(), values.end(), wanted);
  });
  CHECK_TWICE([] {
    auto const values = slice<float16_element, 3>(dummy(dtype::float16, {3}, 0, 0, value_kind::positions));
    return values[0].bits == 0 && values[1].bits == 0x3c00 && values[2].bits == 0x4000;
  });
  CHECK_TWICE([] {  // a scalar's only position is 0
    return slice<std::int32_t, 1>(dummy(dtype::int32, {}, 0, 0, value_kind::positions))[0] == 0;
  });
}

TEST_CASE("tensors without elements have no values") {
  for (value_kind const kind : {value_kind::uniform, value_kind::mask, value_kind::positions})
    for (auto const sizes : {std::array<std::int64_t, 2>{0, 5}, {5, 0}}) {
      dummy_tensor const tensor = dummy(dtype::int64, {sizes[0], sizes[1]}, 0, 9, kind);
      CHECK(fill(std::span<std::int64_t>(), tensor).ok());
      CHECK(fill_bytes({}, tensor).ok());
    }
}

TEST_CASE("what cannot be filled is refused, and nothing is written") {
  auto const error = []<class T>(T, dummy_tensor const& tensor, std::uint64_t first = 0) {
    std::array<T, 4> memory{};
    dummy_status const status = fill(std::span<T>(memory), tensor, first);
    CHECK(memory == std::array<T, 4>{});
    CHECK(status.tensor.pattern == "x");
    return status.error;
  };
  CHECK(error(float{}, dummy(dtype::int64, {4}, 0, 9)) == dummy_error::wrong_element_type);
  CHECK(error(std::int32_t{}, dummy(dtype::int64, {4}, 0, 9)) == dummy_error::wrong_element_type);
  CHECK(error(std::uint64_t{}, dummy(dtype::int64, {4}, 0, 9)) == dummy_error::wrong_element_type);
  CHECK(error(std::int64_t{}, dummy(dtype::int64, {3}, 0, 9)) == dummy_error::out_of_bounds);
  CHECK(error(std::int64_t{}, dummy(dtype::int64, {9}, 0, 9), 6) == dummy_error::out_of_bounds);
  CHECK(error(std::int64_t{}, dummy(dtype::int64, {9}, 0, 9), ~std::uint64_t{0}) == dummy_error::out_of_bounds);
  CHECK(error(std::int64_t{}, dummy(dtype::int64, {4}, 9, 9)) == dummy_error::range_not_in_dtype);
  CHECK(error(std::int64_t{}, dummy(dtype::int64, {4}, 9, 3)) == dummy_error::range_not_in_dtype);
  CHECK(error(std::int8_t{}, dummy(dtype::int8, {4}, 0, 129)) == dummy_error::range_not_in_dtype);
  CHECK(error(std::uint8_t{}, dummy(dtype::uint8, {4}, -1, 2)) == dummy_error::range_not_in_dtype);
  CHECK(error(bool{}, dummy(dtype::boolean, {4}, 0, 3)) == dummy_error::range_not_in_dtype);
  CHECK(error(float16_element{}, dummy(dtype::float16, {4}, 0, 70000)) == dummy_error::range_not_in_dtype);
  CHECK(error(float{}, dummy(dtype::float32, {4}, unknown, 1)) == dummy_error::range_not_in_dtype);
  CHECK(error(float{}, dummy(dtype::float32, {4}, 0, unbounded)) == dummy_error::range_not_in_dtype);
  CHECK(error(std::int8_t{}, dummy(dtype::int8, {1, 500}, 0, 0, value_kind::positions)) ==
        dummy_error::range_not_in_dtype);
  CHECK(error(bfloat16_element{}, dummy(dtype::bfloat16, {1, 500}, 0, 0, value_kind::positions)) ==
        dummy_error::range_not_in_dtype);
  std::array<std::byte, 7> odd{};
  CHECK(fill_bytes(odd, dummy(dtype::int64, {1}, 0, 9)).error == dummy_error::out_of_bounds);
  CHECK(fill_bytes({}, dummy(dtype::string, {0}, 0, 9)).error == dummy_error::unsupported_dtype);
}
