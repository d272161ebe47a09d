// What cannot be exported is refused in words that name the operator, the argument and the values; never a wrong file.
#include "support.hpp"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <cmath>

using Catch::Matchers::ContainsSubstring;
using Catch::Matchers::StartsWith;
using export_tests::list;
using export_tests::run_export;

namespace {

std::string error_of(export_tests::interface const& shape, export_tests::function const& forward) {
  return run_export(shape, forward).error;
}

export_tests::interface const plain{{"x float32 [n, m]"}, {"y float32 [n, m]"}};

}  // namespace

TEST_CASE("a number that C++ computes from a size is refused with its values") {
  auto const error = error_of(plain, [](list const& x) -> list { return {x[0] / std::cbrt(double(x[0].size(1)))}; });
  CHECK_THAT(error, StartsWith("baked_value: aten::div"));
  CHECK_THAT(error, ContainsSubstring("argument \"other\""));
  CHECK_THAT(error, ContainsSubstring("1.91293118"));  // the cube root of 7, the second axis's first size
  CHECK_THAT(error, ContainsSubstring("m 7, 13"));
}

TEST_CASE("an integer that no expression explains is refused with its values") {
  auto const error = error_of({{"x float32 [n, m]"}, {"y float32 [n, k]"}}, [](list const& x) -> list {
    std::int64_t const m = x[0].size(1);
    return {x[0].slice(1, 0, 1).expand({-1, m * m * m % 101})};
  });
  CHECK_THAT(error, StartsWith("baked_value: aten::expand"));
  CHECK_THAT(error, ContainsSubstring("size[1]"));
}

TEST_CASE("a tensor filled by hand from a size is refused with its contents") {
  auto const error = error_of({{"x float32 [n, 3]"}, {"y float32 [n, 3]"}}, [](list const& x) -> list {
    float memory[] = {static_cast<float>(x[0].size(0)), 1, 2};
    return {x[0] * torch::from_blob(memory, {3}).clone()};
  });
  CHECK_THAT(error, StartsWith("baked_value: aten::clone"));
  CHECK_THAT(error, ContainsSubstring("[3, 1, 2] of shape [3] and [2, 1, 2]"));
  CHECK_THAT(error_of({{"x float32 [n, 3]"}, {"y float32 [n, 3]"}},
                      [](list const& x) -> list {
                        return {x[0] * torch::tensor({double(x[0].size(0)), 1.0, 2.0}, torch::kFloat)};
                      }),
             StartsWith("baked_value: "));
}

TEST_CASE("control flow that depends on data is refused, also if it would never end") {
  auto const branch = error_of(plain, [](list const& x) -> list {
    if (x[0].sum().item<float>() > 0) return {x[0] * 2};
    return {x[0]};
  });
  CHECK_THAT(branch, StartsWith("not_reproducible: aten::item"));
  auto const loop = error_of(plain, [](list const& x) -> list {
    auto y = x[0] + 1;
    while ((y.matmul(y.t()).sum() < 1000).item<bool>()) y = y * 2;
    return {y};
  });
  CHECK_THAT(loop, StartsWith("not_reproducible: aten::item"));
  auto const equal =
      error_of(plain, [](list const& x) -> list { return {torch::equal(x[0], x[0] * 1) ? x[0] + 1 : x[0] - 1}; });
  CHECK_THAT(equal, StartsWith("not_reproducible: aten::equal"));
}

TEST_CASE("memory that is read behind LibTorch's back is refused") {
  CHECK_THAT(error_of(plain, [](list const& x) -> list { return {x[0] * (x[0] + 1).data_ptr<float>()[0]}; }),
             StartsWith("not_reproducible: The module reads or writes the memory"));
  auto const weight = torch::rand({3});
  CHECK_THAT(error_of({{"x float32 [n, 3]"}, {"y float32 [n, 3]"}},
                      [weight](list const& x) -> list {
                        auto scale = torch::zeros_like(weight);
                        auto const y = x[0] * scale;
                        scale.add_(1);
                        return {y + scale};
                      }),
             StartsWith("module_error: aten::add_ changes a tensor"));
}

TEST_CASE("control flow that depends on a size is refused where the runs part") {
  auto const error = error_of(plain, [](list const& x) -> list {
    auto y = x[0].tanh();
    if (x[0].size(0) > 2) y = y.sin();
    return {y.exp()};
  });
  CHECK_THAT(error, StartsWith("not_reproducible: The runs differ"));
  CHECK_THAT(error, ContainsSubstring("aten::sin"));
  CHECK_THAT(error, ContainsSubstring("aten::exp"));
}

TEST_CASE("another tensor or output at other sizes is refused") {
  CHECK_THAT(error_of({{"x float32 [n, m]", "y float32 [n, m]"}, {"z float32 [n, m]"}},
                      [](list const& x) -> list { return {(x[0].size(0) > 2 ? x[0] : x[1]).tanh()}; }),
             ContainsSubstring("argument \"self\" is not the same tensor in all runs"));
  CHECK_THAT(error_of({{"x float32 [n, m]", "y float32 [n, m]"}, {"z float32 [n, m]"}},
                      [](list const& x) -> list { return {x[0].size(0) > 2 ? x[0] : x[1]}; }),
             ContainsSubstring("Output 0 is not the same value in all runs"));
}

TEST_CASE("all operators without a lowering are named at once") {
  auto const error = error_of({{"x float32 [n, n]"}, {"y float32 [n, n]"}}, [](list const& x) -> list {
    return {torch::special_i0e(torch::lgamma(x[0] + 1)) + torch::frac(x[0]).lgamma()};
  });
  CHECK_THAT(error, StartsWith("unsupported_operator: "));
  CHECK_THAT(error, ContainsSubstring("aten::lgamma"));
  CHECK_THAT(error, ContainsSubstring("aten::special_i0e"));
  CHECK_THAT(error, ContainsSubstring("call 2 of the module"));
}

TEST_CASE("modules with a state or with chance are refused") {
  torch::nn::BatchNorm1d norm(4);
  auto const weight = torch::rand({4});
  struct counter : torch::nn::Module {
    torch::Tensor calls = register_buffer("calls", torch::zeros({1}));
  } counting;
  auto const own = run_export({{"x float32 [n, 4]"}, {"y float32 [n, 4]"}}, counting, [&](list const& x) -> list {
    counting.calls.add_(1);
    return {x[0] + counting.calls};
  });
  CHECK_THAT(own.error, StartsWith("module_error: aten::add_ writes to a parameter or buffer"));
  auto const from_input =
      run_export({{"x float32 [n, 4]"}, {"y float32 [n, 4]"}}, counting, [&](list const& x) -> list {
        counting.calls.add_(x[0].sum());
        return {x[0] + counting.calls};
      });
  CHECK_THAT(from_input.error, StartsWith("module_error: The module writes what it computes"));
  CHECK_THAT(error_of(plain, [](list const& x) -> list { return {x[0] + torch::rand_like(x[0])}; }),
             ContainsSubstring("aten::rand_like"));
  CHECK_THAT(error_of({{"x float32 [n, 3]"}, {"y float32 [n, 3]"}},
                      [](list const& x) -> list { return {x[0] + torch::rand({3})}; }),
             ContainsSubstring("is random"));
  CHECK_THAT(error_of(plain, [](list const& x) -> list { return {torch::dropout(x[0], 0.5, true)}; }),
             ContainsSubstring("eval()"));
}

TEST_CASE("a module in training mode is recorded in evaluation mode and left as it was") {
  torch::nn::Sequential net(torch::nn::Linear(4, 4), torch::nn::Dropout(0.5));
  net->train();
  net[1]->eval();
  auto const made = run_export({{"x float32 [n, 4]"}, {"y float32 [n, 4]"}}, *net,
                               [&](list const& x) -> list { return {net->forward(x[0])}; });
  CHECK(made.error == "");
  CHECK(net->is_training());
  CHECK(net[0]->is_training());
  CHECK_FALSE(net[1]->is_training());
}

TEST_CASE("outputs that are not the contract's are shown with both dimensions") {
  auto const error =
      error_of({{"x float32 [n, m]"}, {"y float32 [n, m + 1]"}}, [](list const& x) -> list { return {x[0] + 1}; });
  CHECK_THAT(error, StartsWith("contract_mismatch"));
  CHECK_THAT(error, ContainsSubstring("y: declared float32 [n, m + 1], but the module makes float32 [n, m]"));
  CHECK_THAT(error_of({{"x float32 [n, m]"}, {"y float32 [n, m]", "z float32 [n, m]"}},
                      [](list const& x) -> list { return {x[0]}; }),
             ContainsSubstring("returns 1 tensors, but the contract declares 2"));
  // A dimension that the module fixes.
  CHECK_THAT(error_of({{"x float32 [n, m]"}, {"y float32 [n, m]"}},
                      [](list const& x) -> list {
                        return {x[0].sum(1, true).expand({-1, 3})};
                      }),
             ContainsSubstring("makes float32 [n, 3]"));
}

TEST_CASE("axes that the module does not let vary are named") {
  auto const error = error_of({{"x float32 [n, m]"}, {"y float32 [n, m]"}, {"m:6"}},
                              [](list const& x) -> list { return {x[0] + torch::ones({6})}; });
  CHECK_THAT(error, StartsWith("module_error: The module refuses every combination of sizes"));
  CHECK_THAT(error, ContainsSubstring("Config{m = 6}"));
}

TEST_CASE("ranges, multiples and single sizes of axes are respected") {
  auto const seen = std::make_shared<std::vector<std::int64_t>>();
  auto const made = run_export({{"x float32 [n, m, k]"}, {"y float32 [n, m, k]"}, {"n:1:1:1", "m:8:4:64:4", "k:3:2:3"}},
                               [seen](list const& x) -> list {
                                 for (std::int64_t const size : x[0].sizes()) seen->push_back(size);
                                 return {x[0].view({1, x[0].size(1), -1}) * 2};
                               });
  CHECK(made.error == "");
  for (std::size_t i = 0; i < seen->size(); i += 3) {
    CHECK((*seen)[i] == 1);
    CHECK((*seen)[i + 1] % 4 == 0);
    CHECK((*seen)[i + 1] <= 64);
    CHECK((*seen)[i + 2] >= 2);
    CHECK((*seen)[i + 2] <= 3);
  }
}

TEST_CASE("operator sets outside 17 to 23 are refused") {
  CHECK_THAT(run_export(
                 plain, [](list const& x) -> list { return {x[0] + 1}; }, 16)
                 .error,
             ContainsSubstring("choose 17 to 23"));
}
