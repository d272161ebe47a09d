// Shapes, parts and joints, against LibTorch through ONNX Runtime. The outputs' dimensions are written by hand: the
// exporter must derive exactly these.
#include "support.hpp"

#include <catch2/catch_test_macros.hpp>

using export_tests::list;
using export_tests::run_export;

TEST_CASE("other shapes of the same elements") {
  CHECK(run_export(
            {{"x float32 [n, m, 12]"}, {"y float32 [n, m, 3, 4]", "z float32 [n * m, 12]", "w float32 [n, 12 * m]"}},
            [](list const& x) -> list {
              return {x[0].view({x[0].size(0), x[0].size(1), 3, 4}), x[0].reshape({-1, 12}), x[0].flatten(1)};
            })
            .error == "");
  CHECK(run_export({{"x float32 [n, m]"}, {"y float32 [n, 1, 1, m]", "z float32 [m, n]", "w float32 [n, m]"}},
                   [](list const& x) -> list {
                     auto const wide = x[0].view({x[0].size(0), 1, 1, -1});
                     return {wide, x[0].t(), wide.squeeze(1).squeeze(-2)};
                   })
            .error == "");
  // Two computed sizes at once.
  CHECK(run_export({{"x float32 [n * 6, m]"}, {"y float32 [n, 2, m, 3]"}}, [](list const& x) -> list {
          return {x[0].view({x[0].size(0) / 6, 2, 3, x[0].size(1)}).permute({0, 1, 3, 2})};
        }).error == "");
  CHECK(run_export({{"x float32 [n, m]"}, {"y float32 [m, 1, n]"}}, [](list const& x) -> list {
          return {x[0].unsqueeze(0).permute({2, 0, 1})};
        }).error == "");
}

TEST_CASE("a sum of axes goes through reshapes") {
  CHECK(run_export({{"a float32 [n, p, 8]", "b float32 [n, s, 8]"},
                    {"y float32 [n, 2, p + s, 4]", "z float32 [n * (p + s), 8]"}},
                   [](list const& x) -> list {
                     auto const all = torch::cat({x[0], x[1]}, 1);
                     return {all.view({all.size(0), all.size(1), 2, 4}).transpose(1, 2), all.view({-1, 8})};
                   })
            .error == "");
}

TEST_CASE("parts of tensors") {
  CHECK(run_export({{"x float32 [n, m]"}, {"a float32 [n]", "b float32 [n]", "c float32 [m]"}},
                   [](list const& x) -> list {
                     return {x[0].select(1, 0), x[0].select(1, x[0].size(1) - 1), x[0][-1]};
                   })
            .error == "");
  export_tests::interface const lengths{
      {"x float32 [n, m]"},
      {"a float32 [n, m - 1]", "b float32 [n, m - 1]", "c float32 [n, 2]", "d float32 [n, (m + 1) // 2]"},
      {"m:6:3"}};
  CHECK(run_export(lengths, [](list const& x) -> list {
          using torch::indexing::None;
          using torch::indexing::Slice;
          return {x[0].index({Slice(), Slice(1, None)}), x[0].narrow(1, 0, x[0].size(1) - 1), x[0].slice(1, -2),
                  x[0].slice(1, 0, x[0].size(1), 2)};
        }).error == "");
  CHECK(run_export({{"x float32 [n, m]"}, {"y float32 [n, min(m, 4)]"}}, [](list const& x) -> list {
          return {x[0].slice(1, 0, 4)};
        }).error == "");
}

TEST_CASE("a table that is cut to a size says what it assumes") {
  torch::manual_seed(3);
  auto const table = torch::rand({200, 4});
  auto const made = run_export({{"x float32 [n, m, 4]"}, {"y float32 [n, m, 4]"}},
                               [table](list const& x) -> list { return {x[0] + table.slice(0, 0, x[0].size(1))}; });
  CHECK(made.error == "");
  CHECK(made.assumptions == std::vector<std::string>{"m <= 200"});
}

TEST_CASE("splitting and joining") {
  CHECK(run_export({{"x float32 [n, 7, m]"}, {"a float32 [n, 3, m]", "b float32 [n, 3, m]", "c float32 [n, 1, m]"}},
                   [](list const& x) -> list { return x[0].split(3, 1); })
            .error == "");
  CHECK(run_export({{"x float32 [n, 7]"}, {"a float32 [n, 2]", "b float32 [n, 5]"}}, [](list const& x) -> list {
          return x[0].split_with_sizes({2, 5}, -1);
        }).error == "");
  CHECK(run_export({{"x float32 [2 * n, 9]"}, {"a float32 [n, 9]", "b float32 [n, 9]"}}, [](list const& x) -> list {
          return x[0].chunk(2, 0);
        }).error == "");
  CHECK(run_export({{"x float32 [n, 9]"}, {"a float32 [n, 3]", "b float32 [n, 3]", "c float32 [n, 3]"}},
                   [](list const& x) -> list { return x[0].chunk(3, 1); })
            .error == "");
  CHECK(run_export({{"x float32 [3, n]"}, {"y float32 [n, 3]"}}, [](list const& x) -> list {
          return {torch::stack(x[0].unbind(0), 1)};
        }).error == "");
  CHECK(
      run_export({{"x float32 [n, m]", "y int64<5> [n, k]"}, {"z float32 [n, 2 * m + k]"}}, [](list const& x) -> list {
        return {torch::cat({x[0], x[1].to(torch::kFloat), x[0]}, -1)};
      }).error == "");
}

TEST_CASE("spreading and repeating") {
  CHECK(
      run_export({{"x float32 [n, 1]", "y float32 [m]"}, {"z float32 [n, m]", "w float32 [2, n, 3]"}},
                 [](list const& x) -> list {
                   return {x[0].expand({-1, x[1].size(0)}).contiguous() + 0 * x[1], x[0].expand({2, x[0].size(0), 3})};
                 })
          .error == "");
  CHECK(run_export({{"x float32 [n, m]"}, {"y float32 [2 * n, 3 * m]", "z float32 [2, n, m]", "w float32 [n, m]"}},
                   [](list const& x) -> list {
                     return {x[0].repeat({2, 3}), x[0].repeat({2, 1, 1}), x[0].flip({0, 1})};
                   })
            .error == "");
}

TEST_CASE("elements picked by indices") {
  CHECK(run_export({{"x float32 [7, n]", "i int64<7> [k]", "j int64<7> [2, n]"},
                    {"a float32 [k, n]", "b float32 [2, n]", "c float32 [k, n]"}},
                   [](list const& x) -> list {
                     return {x[0].index_select(0, x[1]), x[0].gather(0, x[2]), x[0].index({x[1]})};
                   })
            .error == "");
}

TEST_CASE("indices and masks of C++'s index notation") {
  using torch::indexing::Ellipsis;
  using torch::indexing::None;
  using torch::indexing::Slice;
  CHECK(run_export({{"x float32 [n, m, 4]", "i int64<4> [k]", "b bool [n, m]"},
                    {"p float32 [n, m, k]", "q float32 [n, k]", "s float32 [4]", "f float32 [n, m, 4]"}},
                   [](list const& x) -> list {
                     torch::Tensor filled = x[0].clone();
                     filled.index_put_({x[2]}, -1);
                     filled.index_put_({Ellipsis, 0}, filled.index({Slice(), Slice(), 1}) * 2);
                     torch::Tensor const first = torch::zeros_like(x[1]);
                     return {x[0].index({Ellipsis, x[1]}), x[0].index({Slice(), first, x[1]}),
                             x[0].index({x[2]}).sum(0), filled};
                   })
            .error == "");
  // These read data while they run, and are recorded whole.
  CHECK(run_export({{"x float32 [n, 7]", "i int64<4> [n]", "j int64<3> []"},
                    {"h int64 [n, 4]", "p float32 [n, 2]", "s int64 [2]"}},
                   [](list const& x) -> list {
                     return {torch::one_hot(x[1], 4), x[0].narrow(1, x[2], 2), torch::_shape_as_tensor(x[0])};
                   })
            .error == "");
}
