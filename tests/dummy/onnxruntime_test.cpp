// The session over ONNX Runtime: what the file says, results by name, and errors that name the tensor.
#include <constexport/adapters/onnxruntime.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

using namespace constexport;

namespace {

// square = x * x (float32, batch by 3), half = Cast(n) (int64 to float16, batch), not_flag = Not(flag) (bool, a
// scalar): serialised by the official onnx package, opset 18, IR 8.
constexpr unsigned char model[] = {
    0x08, 0x08, 0x3a, 0xd7, 0x01, 0x0a, 0x13, 0x0a, 0x01, 0x78, 0x0a, 0x01, 0x78, 0x12, 0x06, 0x73, 0x71, 0x75, 0x61,
    0x72, 0x65, 0x22, 0x03, 0x4d, 0x75, 0x6c, 0x0a, 0x1a, 0x0a, 0x01, 0x6e, 0x12, 0x04, 0x68, 0x61, 0x6c, 0x66, 0x22,
    0x04, 0x43, 0x61, 0x73, 0x74, 0x2a, 0x09, 0x0a, 0x02, 0x74, 0x6f, 0x18, 0x0a, 0xa0, 0x01, 0x02, 0x0a, 0x15, 0x0a,
    0x04, 0x66, 0x6c, 0x61, 0x67, 0x12, 0x08, 0x6e, 0x6f, 0x74, 0x5f, 0x66, 0x6c, 0x61, 0x67, 0x22, 0x03, 0x4e, 0x6f,
    0x74, 0x12, 0x01, 0x67, 0x5a, 0x18, 0x0a, 0x01, 0x78, 0x12, 0x13, 0x0a, 0x11, 0x08, 0x01, 0x12, 0x0d, 0x0a, 0x07,
    0x12, 0x05, 0x62, 0x61, 0x74, 0x63, 0x68, 0x0a, 0x02, 0x08, 0x03, 0x5a, 0x14, 0x0a, 0x01, 0x6e, 0x12, 0x0f, 0x0a,
    0x0d, 0x08, 0x07, 0x12, 0x09, 0x0a, 0x07, 0x12, 0x05, 0x62, 0x61, 0x74, 0x63, 0x68, 0x5a, 0x0e, 0x0a, 0x04, 0x66,
    0x6c, 0x61, 0x67, 0x12, 0x06, 0x0a, 0x04, 0x08, 0x09, 0x12, 0x00, 0x62, 0x1d, 0x0a, 0x06, 0x73, 0x71, 0x75, 0x61,
    0x72, 0x65, 0x12, 0x13, 0x0a, 0x11, 0x08, 0x01, 0x12, 0x0d, 0x0a, 0x07, 0x12, 0x05, 0x62, 0x61, 0x74, 0x63, 0x68,
    0x0a, 0x02, 0x08, 0x03, 0x62, 0x17, 0x0a, 0x04, 0x68, 0x61, 0x6c, 0x66, 0x12, 0x0f, 0x0a, 0x0d, 0x08, 0x0a, 0x12,
    0x09, 0x0a, 0x07, 0x12, 0x05, 0x62, 0x61, 0x74, 0x63, 0x68, 0x62, 0x12, 0x0a, 0x08, 0x6e, 0x6f, 0x74, 0x5f, 0x66,
    0x6c, 0x61, 0x67, 0x12, 0x06, 0x0a, 0x04, 0x08, 0x09, 0x12, 0x00, 0x42, 0x04, 0x0a, 0x00, 0x10, 0x12,
};

std::span<std::byte const> model_bytes() { return std::as_bytes(std::span(model)); }

std::string message(auto&& action) {
  try {
    action();
  } catch (onnxruntime_error const& error) {
    return error.what();
  }
  return "no error";
}

struct feeds {
  std::array<float, 6> x{1, 2, 3, -4, 5.5f, 0};
  std::array<std::int64_t, 2> n{3, -2};
  bool flag = true;
  std::array<std::int64_t, 2> x_shape{2, 3};
  std::array<std::int64_t, 1> n_shape{2};
  // Not the model's order.
  std::vector<onnxruntime_input> inputs{{"flag", dtype::boolean, {}, &flag},
                                        {"n", dtype::int64, n_shape, n.data()},
                                        {"x", dtype::float32, x_shape, x.data()}};
};

}  // namespace

TEST_CASE("a session says what the file says") {
  onnxruntime_session const session(model_bytes());
  REQUIRE(session.inputs().size() == 3);
  CHECK(session.inputs()[0].name == "x");
  CHECK(session.inputs()[0].type == dtype::float32);
  CHECK(session.inputs()[0].dims == std::vector<std::int64_t>{-1, 3});
  CHECK(session.inputs()[0].dim_names == std::vector<std::string>{"batch", ""});
  CHECK(session.inputs()[1].type == dtype::int64);
  CHECK(session.inputs()[2].dims.empty());
  REQUIRE(session.outputs().size() == 3);
  CHECK(session.outputs()[1].name == "half");
  CHECK(session.outputs()[1].type == dtype::float16);
}

TEST_CASE("outputs come by name with shape and bytes") {
  for (bool const optimise : {false, true}) {
    onnxruntime_session session(model_bytes(), {.threads = 1, .optimise = optimise});
    feeds given;
    auto const outputs = session.run(given.inputs);
    REQUIRE(outputs.size() == 3);
    CHECK(outputs[0].name() == "square");
    CHECK(outputs[0].type() == dtype::float32);
    CHECK(outputs[0].shape() == std::vector<std::int64_t>{2, 3});
    std::array<float, 6> squares;
    REQUIRE(outputs[0].bytes().size() == sizeof squares);
    std::memcpy(squares.data(), outputs[0].bytes().data(), sizeof squares);
    CHECK(squares == std::array<float, 6>{1, 4, 9, 16, 30.25f, 0});
    std::array<std::uint16_t, 2> halves;
    REQUIRE(outputs[1].bytes().size() == sizeof halves);
    std::memcpy(halves.data(), outputs[1].bytes().data(), sizeof halves);
    CHECK(halves == std::array<std::uint16_t, 2>{0x4200, 0xc000});
    CHECK(outputs[2].shape().empty());
    CHECK(outputs[2].elements() == 1);
    CHECK(outputs[2].bytes()[0] == std::byte{0});
  }
}

TEST_CASE("an empty batch runs") {
  onnxruntime_session session(model_bytes());
  feeds given;
  given.x_shape = {0, 3};
  given.n_shape = {0};
  given.inputs[1].data = given.inputs[2].data = nullptr;
  auto const outputs = session.run(given.inputs);
  CHECK(outputs[0].shape() == std::vector<std::int64_t>{0, 3});
  CHECK(outputs[0].bytes().empty());
}

TEST_CASE("inputs that do not fit are refused by name") {
  onnxruntime_session session(model_bytes());
  auto const after = [&](auto&& change) {
    feeds given;
    change(given);
    return message([&] { session.run(given.inputs); });
  };
  CHECK(after([](feeds&) {}) == "no error");
  CHECK(after([](feeds& given) { given.inputs.pop_back(); }) ==
        "constexport: model in memory: input \"x\" is missing; give every input a value");
  CHECK(after([](feeds& given) { given.inputs[0].name = "flags"; }) ==
        "constexport: model in memory: input \"flags\" is given, but the model has none of this name; remove it");
  CHECK(after([](feeds& given) { given.inputs.push_back(given.inputs[0]); }) ==
        "constexport: model in memory: input \"flag\" is given twice; keep one of them");
  CHECK(after([](feeds& given) { given.inputs[1].type = dtype::int32; }) ==
        "constexport: model in memory: input \"n\" has dtype int32, the model wants int64");
  CHECK(after([](feeds& given) {
          given.x_shape = {3, 2};
        }) == "constexport: model in memory: input \"x\" has shape [3, 2], the model wants [-1, 3] (-1: any size)");
  CHECK(after([](feeds& given) { given.inputs[2].shape = given.n_shape; }) ==
        "constexport: model in memory: input \"x\" has shape [2], the model wants [-1, 3] (-1: any size)");
  CHECK(after([](feeds& given) {
          given.x_shape = {-1, 3};
        }) == "constexport: model in memory: input \"x\" has shape [-1, 3], the model wants [-1, 3] (-1: any size)");
}

TEST_CASE("a file that is no model is refused by name") {
  auto const folder = std::filesystem::temp_directory_path() / "constexport_onnxruntime_test";
  std::filesystem::create_directories(folder);
  auto const write = [&](char const* name, std::size_t size) {
    std::ofstream(folder / name, std::ios::binary)
        .write(reinterpret_cast<char const*>(model), static_cast<std::streamsize>(size));
    return folder / name;
  };
  auto const whole = write("whole.onnx", sizeof model), cut = write("cut.onnx", sizeof model / 2),
             empty = write("empty.onnx", 0);
  CHECK(message([&] { onnxruntime_session session(whole); }) == "no error");
  CHECK(message([&] {
          onnxruntime_session session(cut);
        }).starts_with("constexport: model \"" + cut.string() + "\": ONNX Runtime cannot load it: "));
  CHECK(message([&] {
          onnxruntime_session session(empty);
        }).starts_with("constexport: model \"" + empty.string() + "\": ONNX Runtime cannot load it: "));
  CHECK(message([&] { onnxruntime_session session(folder / "none.onnx"); }) ==
        "constexport: there is no model file \"" + (folder / "none.onnx").string() + "\"; check the path");
  CHECK(message([&] { onnxruntime_session session(folder); }) ==
        "constexport: there is no model file \"" + folder.string() + "\"; check the path");
  CHECK(message([] {
          onnxruntime_session session(model_bytes().first(20));
        }).starts_with("constexport: model in memory: ONNX Runtime cannot load it: "));
  std::filesystem::remove_all(folder);
}
