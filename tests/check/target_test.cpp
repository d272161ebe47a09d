/// Which limits a name of a runtime stands for.
#include <constexport/check/target.hpp>

#include <catch2/catch_test_macros.hpp>

#include <string_view>

using namespace constexport;

namespace {

std::string_view name(std::string_view wanted) {
  auto const found = find_target(wanted);
  return found ? found->name : "";
}

}  // namespace

TEST_CASE("a release is like the newest known one that is not newer") {
  CHECK(name("onnxruntime-1.17") == "onnxruntime-1.17");
  CHECK(name("onnxruntime-1.17.1") == "onnxruntime-1.17");
  CHECK(name("onnxruntime-1.20") == "onnxruntime-1.18");
  CHECK(name("onnxruntime-1.13") == "onnxruntime-1.12");
  CHECK(name("onnxruntime-1.9") == "");
  CHECK(name("onnxruntime-1.31") == "onnxruntime-1.26");
  CHECK(name("onnxruntime-2.0") == "onnxruntime-1.32");
  CHECK(name("onnxruntime") == "onnxruntime-1.32");
  CHECK(name("tensorrt") == "tensorrt-10");
  CHECK(name("tensorrt-8.6.1") == "tensorrt-8.6");
  CHECK(name("tensorrt-7") == "");
}

TEST_CASE("what is no release is no target") {
  for (std::string_view const text : {"", "-", "onnxruntime-", "onnxruntime-x", "onnxruntime-1.", "onnxruntime-1.x",
                                      "onnxruntime-1..2", "onnxruntime--1", "onnxruntime-99999999999999", "torch-2.0"})
    CHECK(name(text) == "");
}
