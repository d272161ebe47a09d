// Expressions: canonical form, printing, evaluation and bounds, in constant expressions and at run time.
#include "../support/twice.hpp"
#include <constexport/core/canonical.hpp>
#include <constexport/core/parameter_array.hpp>
#include <constexport/core/table.hpp>

#include <array>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <vector>

using namespace constexport;

namespace {

struct n_axis final : axis<n_axis, "n", 4> {
  using axis::operator=;
};
struct m_axis final : axis<m_axis, "m", 5, 0, 64, 8> {
  using axis::operator=;
};
struct k_parameter final : parameter<k_parameter, "k"> {
  using parameter::operator=;
};
inline constexpr n_axis n{};
inline constexpr m_axis m{};
inline constexpr k_parameter k{};

// The one dimension of a tensor, as the contract holds it.
template <auto Dim>
struct of {
  static constexpr auto list = tensors<tensor<"t", dtype::float32, n, m, k, Dim>>;
  static constexpr tensor_view view = list.at("t");
  static constexpr dimension const& dim = view.row->dims[3];
};

template <auto Dim>
constexpr bool prints(std::string_view expected) {
  return dims_text{{&of<Dim>::dim, 1}, of<Dim>::view.symbols} == expected;
}

template <auto Dim>
constexpr std::int64_t value(std::int64_t of_n, std::int64_t of_m, std::int64_t of_k) {
  std::array const values{of_n, of_m, of_k};
  return evaluate(of<Dim>::dim.size, values);
}

template <auto A, auto B>
constexpr bool same() {
  algebra<> numbers;
  // Both tensors begin with n, m, k, so that the symbols have the same numbers.
  return numbers.from(of<A>::dim.size) == numbers.from(of<B>::dim.size) && numbers.ok();
}

constexpr bool test_printing() {
  return prints<n + m>("n + m") && prints<(n + m) * k>("(n + m) * k") && prints<n + m * k>("n + m * k") &&
         prints<n - (m - k)>("n - (m - k)") && prints<n - m - k>("n - m - k") && prints<n*(m / k)>("n * (m // k)") &&
         prints<n * m / k>("n * m // k") && prints<(n - int_c<3>) / int_c<2> + int_c<1>>("(n - 3) // 2 + 1") &&
         prints<n % k>("n % k") && prints<min(n, m + k)>("min(n, m + k)") && prints<max(n, int_c<0>)>("max(n, 0)") &&
         prints<n + int_c<-7>>("n + -7") && prints<named<"total", n + m>>("total") && prints<5>("5") &&
         prints<exactly(m / k)>("m // k");
}

constexpr bool test_evaluation() {
  return value<n + m>(3, 4, 1) == 7 && value<(n - int_c<7>) / k>(3, 0, 2) == -2 && value<n % k>(-3, 0, 5) == 2 &&
         value<min(n, m)>(3, 4, 1) == 3 && value<max(n, m)>(3, 4, 1) == 4 && value<n / k>(3, 4, 0) == unknown &&
         value<n + k>(unknown, 4, 1) == unknown && value<m + k>(unknown, 4, 1) == 5 &&
         value<n * n>(std::int64_t{1} << 40, 0, 1) == unknown && value<(n > k)>(3, 0, 2) == 1 &&
         value<(n > k)>(2, 0, 2) == 0;
}

constexpr bool test_canonical_form() {
  return same<n * int_c<2>, int_c<2> * n>() && same<n + m, m + n>() && same<(n + m) * k, n * k + k * m>() &&
         same<n + n, int_c<2> * n>() && same<n - n, int_c<0>>() &&
         same<(int_c<4> * n + int_c<3>) / int_c<2>, int_c<2> * n + int_c<1>>() && same<n * k / k, n>() &&
         same<(n * k + m * k) / k, n + m>() && same<n % int_c<1>, int_c<0>>() && same<min(n, n + int_c<1>), n>() &&
         same<max(m, n), max(n, m)>() && same<exactly(m / k), m / k>() &&
         same<(n + int_c<2>) / int_c<2>, n / int_c<2> + int_c<1>>() && same<named<"x", n>, n>() && !same<n, m>() &&
         !same<n / int_c<2> * int_c<2>, n>() && !same<n - m, m - n>() && !same<n / k, m / k>();
}

constexpr bool test_bounds() {
  std::array const ranges{interval{1, unbounded}, interval{0, 64}, interval{2, 3}};
  auto const of_size = [&](dimension const& dim) { return bounds(dim.size, ranges); };
  return of_size(of<n + m>::dim) == interval{1, unbounded} && of_size(of<m * k>::dim) == interval{0, 192} &&
         of_size(of<m - n>::dim) == interval{-unbounded, 63} && of_size(of<m / k>::dim) == interval{0, 32} &&
         of_size(of<max(m - n, int_c<0>)>::dim) == interval{0, 63} && of_size(of<min(n, m)>::dim) == interval{0, 64} &&
         of_size(of<n % k>::dim) == interval{0, 2} && of_size(of<int_c<-2> * n>::dim) == interval{-unbounded, -2};
}

// What configurations compute from their parameters.
struct kernels final : parameter_array<"kernel", 3> {};
struct strides final : parameter_array<"stride", 3> {};
constexpr bool test_parameter_formulas() {
  constexpr auto length = convolved(n, kernels{}, strides{});
  using tensor_of = tensor<"t", dtype::float32, n, length>;
  contract const table{{}, detail::list_table<tensor_list<tensor_of>>::symbols, {}, {}};
  dimension const& dim = tensors<tensor_of>.at("t").row->dims[1];
  auto const of = [&](std::int64_t size, std::int64_t kernel, std::int64_t stride) {
    symbol_values values{};
    for (std::size_t i = 0; i < table.symbols.size(); ++i) values[i] = 1;  // absent elements
    values[find_symbol(table.symbols, "n", true)] = size;
    values[find_symbol(table.symbols, "kernel[0]", false)] = kernel;
    values[find_symbol(table.symbols, "stride[0]", false)] = stride;
    return evaluate(dim.size, std::span(values).first(table.symbols.size()));
  };
  constexpr auto defaults = kernels::of<10, 3>();
  return of(16000, 10, 5) == (16000 - 10) / 5 + 1 && of(7, 1, 1) == 7 && defaults[1].value == 3 &&
         defaults[2].value == 1 && defaults[1].field == "kernel[1]" &&
         value<power(int_c<2>, k - int_c<1>)>(1, 1, 5) == 16 && value<power(k, k)>(1, 1, 40) == unknown &&
         value<either(m, n)>(3, 0, 1) == 3 && value<either(m, n)>(3, 8, 1) == 8 &&
         prints<power(int_c<2>, k - int_c<1>) * n>("2 ** (k - 1) * n") && prints<either(m, n)>("m or n");
}

constexpr bool test_rewriting_prints_again() {
  algebra<> numbers;
  auto const difference = numbers.subtract(numbers.multiply(numbers.number(2), numbers.symbol(0)), numbers.symbol(1));
  instruction code[16]{};
  std::size_t size = 0;
  numbers.write(difference, [&](instruction step) { code[size++] = step; });
  char text[32]{};
  std::size_t length = 0;
  print(
      program{code, size}, [](std::size_t i) { return std::string_view{i == 0 ? "n" : "m"}; },
      [&](char c) { text[length++] = c; });
  return std::string_view{text, length} == "n * 2 - m" && numbers.from(program{code, size}) == difference;
}

constexpr bool test_malformed_programs() {
  instruction const too_few[] = {{operation::symbol, 0}, {operation::add, 0}};
  instruction const too_many[] = {{operation::constant, 1}, {operation::constant, 2}};
  instruction const foreign[] = {{operation::symbol, 3}};
  instruction const good[] = {{operation::symbol, 2}};
  return !is_well_formed(too_few, 1) && !is_well_formed(too_many, 1) && !is_well_formed(foreign, 3) &&
         is_well_formed(good, 3) && !is_well_formed({}, 3);
}

constexpr bool test_a_full_algebra_says_so() {
  algebra<algebra_limits{2, 2, 2}> numbers;
  auto const sum = numbers.add(numbers.add(numbers.symbol(0), numbers.symbol(1)), numbers.number(1));
  return sum.size == 2 && !numbers.ok();
}

}  // namespace

TEST_CASE("expressions print as Optimum writes them, with the brackets that they need") { CHECK_TWICE(test_printing); }
TEST_CASE("expressions are evaluated with floor division, and unknown where a size is") {
  CHECK_TWICE(test_evaluation);
}
TEST_CASE("one canonical form decides whether two expressions are one size") { CHECK_TWICE(test_canonical_form); }
TEST_CASE("powers, alternatives and stacked convolutions") { CHECK_TWICE(test_parameter_formulas); }
TEST_CASE("interval arithmetic gives the smallest and the largest size") { CHECK_TWICE(test_bounds); }
TEST_CASE("a canonical expression is a program again") { CHECK_TWICE(test_rewriting_prints_again); }
TEST_CASE("malformed programs are recognised") { CHECK_TWICE(test_malformed_programs); }
TEST_CASE("an algebra that is full says so") { CHECK_TWICE(test_a_full_algebra_says_so); }

// Random programs: the canonical form has the value of the program at random sizes, and bounds contain it.
TEST_CASE("canonical form, bounds and program agree on random expressions") {
  std::mt19937_64 random(20261124);
  auto const draw = [&](std::uint64_t below) { return static_cast<std::int64_t>(random() % below); };
  std::size_t compared = 0;
  for (int round = 0; round < 4000; ++round) {
    std::vector<instruction> code;
    std::size_t depth = 0;
    int const steps = 3 + static_cast<int>(draw(8));
    for (int step = 0; step < steps || depth > 1; ++step) {
      if (depth < 2 || (step < steps && draw(2) == 0)) {
        code.push_back(draw(3) == 0 ? instruction{operation::constant, draw(7)}
                                    : instruction{operation::symbol, draw(3)});
        ++depth;
      } else {
        static constexpr operation choices[] = {operation::add,          operation::subtract, operation::multiply,
                                                operation::floor_divide, operation::modulo,   operation::minimum,
                                                operation::maximum};
        code.push_back({choices[draw(7)], 0});
        --depth;
      }
    }
    REQUIRE(is_well_formed(code, 3));
    auto numbers = std::make_unique<algebra<algebra_limits{128, 48, 12}>>();
    auto const canonical = numbers->from(code);
    if (!numbers->ok()) continue;
    std::array const ranges{interval{1, 9}, interval{1, 9}, interval{1, 9}};
    interval const limits = bounds(code, ranges);
    for (int trial = 0; trial < 20; ++trial) {
      std::array const values{1 + draw(9), 1 + draw(9), 1 + draw(9)};
      std::int64_t const expected = evaluate(code, values);
      if (expected == unknown) continue;  // a division by zero
      CHECK(numbers->evaluate(canonical, values) == expected);
      CHECK((limits.minimum <= expected && expected <= limits.maximum));
      ++compared;
    }
  }
  CHECK(compared > 20000);
}
