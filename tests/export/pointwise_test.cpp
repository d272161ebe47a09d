// Element by element, against LibTorch through ONNX Runtime.
#include "support.hpp"

#include <catch2/catch_test_macros.hpp>

using export_tests::list;
using export_tests::run_export;

namespace {

// x and y broadcast; the result has the shape of x.
void check(list (*forward)(list const&), std::string const& type = "float32") {
  CHECK(run_export({{"x float32 [n, 3, m]", "y float32 [3, 1]"}, {"z " + type + " [n, 3, m]"}}, forward).error == "");
}
void check_integers(list (*forward)(list const&), std::string const& type = "int64") {
  CHECK(run_export({{"x int64<9> [n, 3, m]", "y int64<5> [3, 1]"}, {"z " + type + " [n, 3, m]"}}, forward).error == "");
}

}  // namespace

TEST_CASE("arithmetic broadcasts and scales") {
  check([](list const& x) -> list { return {x[0] + x[1]}; });
  check([](list const& x) -> list { return {torch::add(x[0], x[1], 0.5)}; });
  check([](list const& x) -> list { return {torch::sub(x[0], x[1], -2)}; });
  check([](list const& x) -> list { return {x[0] - 3}; });
  check([](list const& x) -> list { return {3 - x[0]}; });
  check([](list const& x) -> list { return {1 / (x[0] + 1)}; });
  check([](list const& x) -> list { return {x[0] * x[1] / 7}; });
  check([](list const& x) -> list { return {torch::rsub(x[0], x[1], 2)}; });
  check([](list const& x) -> list { return {torch::addcmul(x[0], x[0], x[1], 0.3)}; });
  check([](list const& x) -> list { return {torch::addcdiv(x[0], x[0], x[1] + 1, 0.3)}; });
}

TEST_CASE("integer and mixed arithmetic") {
  check_integers([](list const& x) -> list { return {x[0] * 3 - x[1]}; });
  check_integers([](list const& x) -> list { return {x[0] / (x[1] + 1)}; }, "float32");
  check_integers([](list const& x) -> list { return {torch::div(x[0] - 4, x[1] + 1, "floor")}; });
  check_integers([](list const& x) -> list { return {torch::div(x[0] - 4, x[1] + 1, "trunc")}; });
  check_integers([](list const& x) -> list { return {torch::remainder(x[0] - 4, x[1] + 1)}; });
  check_integers([](list const& x) -> list { return {x[0] * 0.5}; }, "float32");
  check([](list const& x) -> list { return {torch::div(x[0] - 0.5, x[1] + 0.1, "floor")}; });
  check([](list const& x) -> list { return {torch::remainder(x[0] - 0.5, x[1] + 0.1)}; });
  CHECK(run_export({{"x int64<9> [n]", "y float32 [n]"}, {"z float32 [n]"}}, [](list const& x) -> list {
          return {x[0] + x[1]};
        }).error == "");
}

TEST_CASE("powers and functions of one argument") {
  for (double const exponent : {1.0, 2.0, 3.0, 0.5, -1.0, -0.5, 1.7})
    CHECK(run_export({{"x float32 [n]"}, {"y float32 [n]"}}, [exponent](list const& x) -> list {
            return {torch::pow(x[0] + 0.5, exponent)};
          }).error == "");
  check([](list const& x) -> list { return {torch::pow(x[0] + 0.5, x[1])}; });
  check([](list const& x) -> list { return {x[0].tanh() + x[0].sigmoid() + x[0].relu() + (x[0] + 1).rsqrt()}; });
  check([](list const& x) -> list { return {(x[0] + 1).sqrt() + x[0].exp() + (x[0] + 1).log() - x[0].neg().abs()}; });
  check(
      [](list const& x) -> list { return {x[0].erf() + x[0].sin() + x[0].cos() + (4 * x[0]).floor() + x[0].ceil()}; });
  check([](list const& x) -> list { return {torch::clamp(x[0], 0.2, 0.7) + x[0].clamp_min(0.5)}; });
  check([](list const& x) -> list { return {torch::maximum(x[0], x[1]) - torch::minimum(x[0], x[1])}; });
}

TEST_CASE("comparisons, logic and selection") {
  check([](list const& x) -> list { return {x[0] > x[1]}; }, "bool");
  check([](list const& x) -> list { return {(x[0] >= 0.5).logical_and(x[1] < 0.5)}; }, "bool");
  check([](list const& x) -> list { return {(x[0] <= x[1]).logical_or((x[0] > 0.9).logical_not())}; }, "bool");
  check_integers([](list const& x) -> list { return {x[0] == x[1]}; }, "bool");
  check_integers([](list const& x) -> list { return {((x[0] != 2) & (x[1] == 1)) | (x[0] == 0)}; }, "bool");
  check_integers([](list const& x) -> list { return {x[0] > 2.5}; }, "bool");
  check([](list const& x) -> list { return {x[0].masked_fill(x[0] > 0.5, -7)}; });
  check([](list const& x) -> list { return {torch::where(x[0] > x[1], x[0], x[1] * 2)}; });
  check([](list const& x) -> list { return {torch::where(x[0] > 0.5, x[0], 0.0)}; });
}

TEST_CASE("conversions") {
  check([](list const& x) -> list { return {(x[0] * 5).to(torch::kLong)}; }, "int64");
  check([](list const& x) -> list { return {x[0].to(torch::kDouble) * 2}; }, "float64");
  check_integers([](list const& x) -> list { return {x[0].to(torch::kBool)}; }, "bool");
  check_integers([](list const& x) -> list { return {x[0].type_as(torch::zeros({1}))}; }, "float32");
  check([](list const& x) -> list { return {x[0].contiguous().clone().detach()}; });
}

TEST_CASE("a size among numbers is computed in the graph") {
  CHECK(run_export({{"x float32 [n, m]"}, {"y float32 [n]"}}, [](list const& x) -> list {
          return {x[0].sum(1) / x[0].size(1)};
        }).error == "");
  CHECK(run_export({{"x int64<9> [n, m]"}, {"y int64 [n, m]"}}, [](list const& x) -> list {
          return {x[0] + (x[0].size(0) * 2 - 1)};
        }).error == "");
}
