// Tensors that are made, and writes in place and through views, against LibTorch through ONNX Runtime.
#include "support.hpp"

#include <catch2/catch_test_macros.hpp>

using export_tests::list;
using export_tests::run_export;

TEST_CASE("tensors made of sizes") {
  CHECK(run_export({{"x float32 [n, m]"}, {"a float32 [n, 3]", "b float32 [m, n]", "c float32 [n, m]", "d int64 [m]"}},
                   [](list const& x) -> list {
                     auto const n = x[0].size(0), m = x[0].size(1);
                     return {torch::zeros({n, 3}), torch::full({m, n}, 2.5), torch::ones_like(x[0]), torch::arange(m)};
                   })
            .error == "");
  CHECK(
      run_export(
          {{"x float32 [n, m]"}, {"a int64 [n]", "b float32 [m]", "c float32 [m, m]", "d float32 [n, m]"}},
          [](list const& x) -> list {
            auto const n = x[0].size(0), m = x[0].size(1);
            return {torch::arange(m, n + m), torch::arange(m, torch::kFloat), torch::ones({m, m}).tril(), x[0].triu(1)};
          })
          .error == "");
}

TEST_CASE("a causal mask that grows with the past") {
  CHECK(run_export({{"q float32 [n, s, 4]", "past float32 [n, p, 4]"}, {"y float32 [n, s, p + s]"}},
                   [](list const& x) -> list {
                     auto const s = x[0].size(1), total = x[1].size(1) + s;
                     auto const scores = torch::matmul(x[0], torch::cat({x[1], x[0]}, 1).transpose(1, 2));
                     auto const allowed = torch::ones({total, total}, torch::kBool).tril().slice(0, total - s, total);
                     return {torch::softmax(torch::where(allowed, scores, -1e9), -1)};
                   })
            .error == "");
}

TEST_CASE("what depends on nothing is computed once") {
  auto const made = run_export({{"x float32 [n, 4]"}, {"y float32 [n, 4]"}}, [](list const& x) -> list {
    auto const table = torch::arange(8, torch::kFloat).view({2, 4}).mean(0).exp();
    return {x[0] * table};
  });
  CHECK(made.error == "");
  CHECK(made.nodes == 1);
}

TEST_CASE("constants of the module's own") {
  CHECK(run_export({{"x float32 [n, 3]"}, {"y float32 [n, 3]"}}, [](list const& x) -> list {
          return {x[0] + torch::tensor({1.0F, 2.0F, 4.0F})};
        }).error == "");
  auto const outside = torch::rand({3});
  CHECK(run_export({{"x float32 [n, 3]"}, {"y float32 [n, 3]"}}, [outside](list const& x) -> list {
          return {x[0] * outside};
        }).error == "");
}

TEST_CASE("constants that are built step by step, and tensors that are filled") {
  CHECK(run_export({{"x float32 [n, 3]"}, {"y float32 [n, 3]", "z float32 [n, 3]"}}, [](list const& x) -> list {
          return {x[0] * torch::tensor(std::vector<float>{1, 2, 4}), x[0] + torch::tensor(2.5)};
        }).error == "");
  auto const weight = torch::arange(3, torch::kFloat);
  CHECK(run_export({{"x float32 [n, 3]"}, {"y float32 [n, 3]"}}, [weight](list const& x) -> list {
          auto scale = torch::zeros_like(weight);
          scale.select(0, 1).fill_(3);
          scale.add_(weight);
          return {x[0] * scale};
        }).error == "");
  CHECK(run_export({{"x float32 [n, m]"}, {"y float32 [n, m + 1]"}}, [](list const& x) -> list {
          auto y = torch::empty({x[0].size(0), x[0].size(1) + 1});
          y.slice(1, 0, 1).fill_(5);
          y.slice(1, 1).copy_(x[0]);
          return {y};
        }).error == "");
}

TEST_CASE("operations in place") {
  CHECK(run_export({{"x float32 [n, m]"}, {"y float32 [n, m]"}}, [](list const& x) -> list {
          auto y = x[0] * 2;
          y.add_(1).mul_(x[0]);
          y.relu_();
          return {y};
        }).error == "");
  CHECK(run_export({{"x float32 [n, m]"}, {"y float32 [n, m]", "z float32 [n, m]"}}, [](list const& x) -> list {
          auto y = x[0] + 1;
          auto const before = y * 3;
          y.masked_fill_(y > 1.5, 0);
          return {y, before};
        }).error == "");
}

TEST_CASE("writes through views") {
  CHECK(run_export({{"x float32 [n, 2]"}, {"y float32 [n, 4]"}}, [](list const& x) -> list {
          auto z = torch::zeros({x[0].size(0), 4});
          z.slice(1, 0, 2).copy_(x[0]);
          z.select(1, 3).add_(1);
          at::dropout(z, 0.5, false).mul_(2);
          return {z.relu_()};
        }).error == "");
  export_tests::interface const lengths{{"x float32 [n, m, 3]"}, {"y float32 [n, m, 3]"}, {"m:6:2"}};
  CHECK(run_export(lengths, [](list const& x) -> list {
          auto y = x[0].clone();
          auto const rows = y.view({-1, 3});
          rows.select(1, 2).fill_(7);
          y.slice(1, 1, y.size(1)).copy_(x[0].slice(1, 0, x[0].size(1) - 1));
          return {y + rows.sum()};
        }).error == "");
  // A sequence shifted to the right, as encoder-decoder models do with their labels.
  CHECK(run_export({{"ids int64<9> [n, m]"}, {"y int64 [n, m]"}, {"m:6:2"}}, [](list const& x) -> list {
          using torch::indexing::None;
          using torch::indexing::Slice;
          auto shifted = torch::zeros_like(x[0]);
          shifted.index_put_({Slice(), Slice(1, None)}, x[0].index({Slice(), Slice(None, -1)}));
          shifted.index_put_({Slice(), 0}, 5);
          return {shifted};
        }).error == "");
}

TEST_CASE("inputs that are written to keep their value for the caller") {
  CHECK(run_export({{"x float32 [n, 3]"}, {"y float32 [n, 3]"}}, [](list const& x) -> list {
          auto y = x[0].clone();
          return {y.add_(x[0])};
        }).error == "");
}
