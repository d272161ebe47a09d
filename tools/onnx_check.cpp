// onnx_check FILE: the official ONNX checker (full check: structure, schemas, shape inference) on one file.
// Exit status: 0 valid, 1 invalid, 2 wrong use or unreadable, 3 this ONNX library is older than the file's opset or IR.

#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include <onnx/checker.h>
#include <onnx/common/version.h>
#include <onnx/defs/schema.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

namespace {

constexpr int invalid = 1;
constexpr int unusable = 2;
constexpr int too_old = 3;

int newest_opset() { return onnx::OpSchemaRegistry::DomainToVersionRange::Instance().Map().at("").second; }

int check(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) {
    std::cerr << path << ": cannot be opened\n";
    return unusable;
  }
  onnx::ModelProto model;
  if (!model.ParseFromIstream(&file)) {
    std::cerr << path << ": not a ModelProto (truncated, or another kind of file)\n";
    return invalid;
  }

  long long opset = 0;
  for (const auto& entry : model.opset_import()) {
    if (entry.domain().empty() || entry.domain() == "ai.onnx") { opset = entry.version(); }
  }
  if (opset > newest_opset() || model.ir_version() > onnx::IR_VERSION) {
    std::cerr << path << ": opset " << opset << ", IR " << model.ir_version() << "; this ONNX library ("
              << onnx::LAST_RELEASE_VERSION << ") knows opsets to " << newest_opset() << " and IR to "
              << static_cast<long long>(onnx::IR_VERSION) << '\n';
    return too_old;
  }

  // By path, so that external data beside the file is checked as well.
  onnx::checker::check_model(path);
  // The options of the official full check.
  const onnx::ShapeInferenceOptions strict{/*check_type=*/true, /*strict_mode=*/1, /*data_prop=*/false};
  onnx::shape_inference::InferShapes(model, onnx::OpSchemaRegistry::Instance(), strict);

  std::cout << "OK: IR " << model.ir_version() << ", opset " << opset << ", " << model.graph().node_size()
            << " nodes, " << model.graph().initializer_size() << " initializers, checked in full by ONNX C++ "
            << onnx::LAST_RELEASE_VERSION << '\n';
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: onnx_check FILE.onnx\n";
    return unusable;
  }
  try {
    return check(argv[1]);
  } catch (const std::exception& error) {
    std::cerr << argv[1] << ": " << error.what() << '\n';
    return invalid;
  }
}
