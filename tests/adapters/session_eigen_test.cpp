// Eigen's objects into a session and out of it.
#include <constexport/adapters/session.hpp>
#include <constexport/adapters/session_eigen.hpp>
#include <constexport/config/onnx_config.hpp>
#include <constexport/config/tensors.hpp>
#include <constexport/onnx/messages.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace constexport;

namespace {

// twice = x + x (float32, batch by 3), halves = h + h (float16, batch), cube = t + t (float32, batch by 2 by 2).
struct x : tensor<"x", dtype::float32, batch_size, 3> {};
struct h : tensor<"h", dtype::float16, batch_size> {};
struct t : tensor<"t", dtype::float32, batch_size, 2, 2> {};
struct twice : tensor<"twice", dtype::float32, batch_size, 3> {};
struct halves : tensor<"halves", dtype::float16, batch_size> {};
struct cube : tensor<"cube", dtype::float32, batch_size, 2, 2> {};

template <auto... Options>
struct SumsOnnxConfig : OnnxConfig<SumsOnnxConfig<Options...>, Options...> {
  static constexpr std::string_view model_type = "sums";
  static constexpr auto tasks = supports(feature_extraction);
  static constexpr auto parameters = normalized();
  static consteval auto declared_inputs() { return tensors<x, h, t>; }
  static consteval auto declared_outputs() { return tensors<twice, halves, cube>; }
};

std::string model_bytes() {
  std::ostringstream sink;
  std::array const opsets{wire::opset_id{{}, 18}};
  wire::model(sink, {.ir_version = 8, .opsets = opsets}, [](auto& graph) {
    using names = std::array<std::string_view, 2>;
    using name = std::array<std::string_view, 1>;
    using shape = std::vector<wire::shape_dim>;
    wire::shape_dim const batch{-1, "batch_size"};
    wire::node(graph, {"Add"}, names{"x", "x"}, name{"twice"});
    wire::node(graph, {"Add"}, names{"h", "h"}, name{"halves"});
    wire::node(graph, {"Add"}, names{"t", "t"}, name{"cube"});
    wire::graph_name(graph, "sums");
    wire::input(graph, std::string_view{"x"}, dtype::float32, shape{batch, {3}});
    wire::input(graph, std::string_view{"h"}, dtype::float16, shape{batch});
    wire::input(graph, std::string_view{"t"}, dtype::float32, shape{batch, {2}, {2}});
    wire::output(graph, std::string_view{"twice"}, dtype::float32, shape{batch, {3}});
    wire::output(graph, std::string_view{"halves"}, dtype::float16, shape{batch});
    wire::output(graph, std::string_view{"cube"}, dtype::float32, shape{batch, {2}, {2}});
  });
  return std::move(sink).str();
}

}  // namespace

TEST_CASE("matrices, vectors and tensors go in and come out") {
  std::string const bytes = model_bytes();
  session<SumsOnnxConfig<>> const model(std::as_bytes(std::span(bytes)), {.threads = 1});
  auto sums = model.bind();
  Eigen::Matrix<float, Eigen::Dynamic, 3, Eigen::RowMajor> matrix(2, 3);
  matrix << 1, 2, 3, 4, 5, 6;
  Eigen::Matrix<Eigen::half, 2, 1> const half{Eigen::half(0.5f), Eigen::half(-3)};
  Eigen::Tensor<float, 3, Eigen::RowMajor> tensor(2, 2, 2);
  for (int i = 0; i < 8; ++i) tensor.data()[i] = static_cast<float>(i);
  sums.run(feed<"x">(matrix), feed<"h">(half), feed<"t">(tensor));
  auto const twice_x = eigen_map(sums.output<"twice">());
  CHECK(twice_x == matrix * 2);
  auto const twice_h = eigen_map(sums.output<"halves">());
  CHECK(static_cast<float>(twice_h[1]) == -6);
  auto const twice_t = eigen_map(sums.output<"cube">());
  CHECK(twice_t(1, 0, 1) == 10);
  CHECK(twice_t.dimension(2) == 2);

  // Maps, and what comes out of a run.
  std::array<float, 6> memory{6, 5, 4, 3, 2, 1};
  using map = Eigen::Map<Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> const>;
  Eigen::TensorMap<Eigen::Tensor<float const, 3, Eigen::RowMajor>> const tensor_map(tensor.data(), 2, 2, 2);
  sums.run(feed<"x">(map(memory.data(), 2, 3)), feed<"h">(half), feed<"t">(tensor_map));
  CHECK(eigen_map(sums.output<"twice">())(1, 2) == 2);

  std::array<float16_element, 2> const bits{{{0x3c00}, {0x4000}}};
  sums.run(feed<"x">(matrix), feed<"h">(bits), feed<"t">(tensor));
  CHECK(sums.output<"halves">().span()[1] == float16_element{0x4400});
}

TEST_CASE("gaps between rows, and sizes that differ, are refused") {
  std::string const bytes = model_bytes();
  session<SumsOnnxConfig<>> const model(std::as_bytes(std::span(bytes)), {.threads = 1});
  auto sums = model.bind();
  Eigen::Matrix<float, 2, 4, Eigen::RowMajor> wide = Eigen::Matrix<float, 2, 4, Eigen::RowMajor>::Zero();
  Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor> matrix(2, 3);
  matrix.setZero();
  Eigen::Matrix<Eigen::half, 2, 1> const half{Eigen::half(0.5f), Eigen::half(-3)};
  Eigen::Tensor<float, 3, Eigen::RowMajor> tensor(2, 2, 2);
  tensor.setZero();
  auto const message = [](auto&& action) {
    try {
      action();
    } catch (session_error const& error) {
      return std::string(error.what());
    }
    return std::string("no error");
  };
  CHECK(message([&] { sums.run(feed<"x">(wide.leftCols<3>()), feed<"h">(half), feed<"t">(tensor)); }) ==
        "constexport: input x is fed an Eigen object with gaps between its rows; copy it into a matrix");
  CHECK(message([&] { sums.run(feed<"x">(wide), feed<"h">(half), feed<"t">(tensor)); }) ==
        "constexport: x[1] is 4, but the contract says 3");
  CHECK(message([&] { sums.run(feed<"x">(matrix.topRows(1)), feed<"h">(half), feed<"t">(tensor)); }) ==
        "constexport: h[0] is 2, but batch_size is 1 (x[0])");
}
