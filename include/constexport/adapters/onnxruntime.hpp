/// adapters/onnxruntime.hpp: runs a finished .onnx file in ONNX Runtime, tensors by name.
///
/// Room: adapters. Includes core/dtype.hpp, the standard library and ONNX Runtime's C++ API (headers 1.21 and newer;
/// the library may be newer than the headers). Verification rests on it; LibTorch may be in the same process.
#pragma once

#include <constexport/core/dtype.hpp>

#include <onnxruntime_cxx_api.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <iostream>
#include <optional>
#include <span>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport {

/// A model that ONNX Runtime refuses, or inputs that do not fit it. The message names the file and the tensor.
struct onnxruntime_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// How a session runs.
struct onnxruntime_settings {
  int threads = 0;        ///< within an operator; 0: as many as there are cores
  bool optimise = true;   ///< false: the graph as it is written, to compare operator by operator
  std::string profile{};  ///< not empty: every node's time is written to a file whose name begins so
};

/// What the file says of an input or an output.
struct onnxruntime_info {
  std::string name;
  dtype type = dtype::undefined;       ///< undefined: not a tensor
  std::vector<std::int64_t> dims;      ///< -1: dynamic
  std::vector<std::string> dim_names;  ///< one per dimension; empty where it is a number or has no name
};

/// Data of one input. It is read only while `run` runs and stays the caller's.
struct onnxruntime_input {
  std::string_view name;
  dtype type = dtype::undefined;
  std::span<std::int64_t const> shape;
  void const* data = nullptr;  ///< row-major, `bytes_of(type, elements)` bytes
};

/// One output; it owns its memory.
class onnxruntime_output {
 public:
  onnxruntime_output(std::string name, Ort::Value value) : name_(std::move(name)), value_(std::move(value)) {
    auto const info = value_.GetTensorTypeAndShapeInfo();
    type_ = static_cast<dtype>(info.GetElementType());
    shape_ = info.GetShape();
    elements_ = info.GetElementCount();
  }

  std::string const& name() const { return name_; }
  dtype type() const { return type_; }
  std::vector<std::int64_t> const& shape() const { return shape_; }
  std::size_t elements() const { return elements_; }
  /// The elements, row-major.
  std::span<std::byte const> bytes() const {
    return {static_cast<std::byte const*>(value_.GetTensorRawData()), bytes_of(type_, elements_)};
  }

 private:
  std::string name_;
  Ort::Value value_;
  dtype type_ = dtype::undefined;
  std::vector<std::int64_t> shape_;
  std::size_t elements_ = 0;
};

namespace detail {

// Debian's ONNX Runtime 1.21 shares libonnx with the system, and the two register each operator's schema: the first
// model that a process loads prints some 570 harmless lines to std::cerr. Everything else that is printed meanwhile is
// kept.
class without_schema_noise {
 public:
  without_schema_noise() {
    static std::atomic_flag loaded_before;
    if (!loaded_before.test_and_set()) real_ = std::cerr.rdbuf(held_.rdbuf());
  }
  without_schema_noise(without_schema_noise const&) = delete;
  without_schema_noise& operator=(without_schema_noise const&) = delete;
  ~without_schema_noise() {
    if (real_ == nullptr) return;
    std::cerr.rdbuf(real_);
    bool dropped = false;
    for (std::string line; std::getline(held_, line);) {
      bool const is_noise =
          line.starts_with("Schema error: Trying to register schema") && line.find("already registered") != line.npos;
      // The message ends with a line of its own.
      if (!is_noise && !(dropped && line.empty())) std::cerr << line << '\n';
      dropped = is_noise;
    }
  }

 private:
  std::stringstream held_;
  std::streambuf* real_ = nullptr;
};

}  // namespace detail

/// A loaded model.
class onnxruntime_session {
 public:
  /// Opens a file, with the external data beside it.
  explicit onnxruntime_session(std::filesystem::path const& file, onnxruntime_settings settings = {})
      : where_('"' + file.string() + '"') {
    std::error_code ignored;
    if (!std::filesystem::is_regular_file(file, ignored))
      throw onnxruntime_error("constexport: there is no model file " + where_ + "; check the path");
    open(settings, [&](Ort::SessionOptions const& options) { return Ort::Session(*env_, file.c_str(), options); });
  }

  /// Opens a model in memory, which must have no external data. The bytes are not needed afterwards.
  explicit onnxruntime_session(std::span<std::byte const> model, onnxruntime_settings settings = {})
      : where_("in memory") {
    open(settings,
         [&](Ort::SessionOptions const& options) { return Ort::Session(*env_, model.data(), model.size(), options); });
  }

  /// Ends profiling and returns the file with the times; empty if there is none.
  std::string end_profiling() {
    if (!profiles_) return {};
    profiles_ = false;
    Ort::AllocatorWithDefaultOptions allocator;
    return session_->EndProfilingAllocated(allocator).get();
  }

  /// ONNX Runtime's own object, for what this class does not wrap. Several threads may run it.
  OrtSession* handle() const { return *session_; }

  std::vector<onnxruntime_info> const& inputs() const { return inputs_; }
  std::vector<onnxruntime_info> const& outputs() const { return outputs_; }

  /// Runs the model; gives all outputs in the file's order. Every input of the model must be there, in any order.
  std::vector<onnxruntime_output> run(std::span<onnxruntime_input const> given) {
    std::vector<char const*> names, output_names;
    std::vector<Ort::Value> values;
    auto const memory = Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault);
    for (onnxruntime_input const& each : given) check(each, given);
    for (onnxruntime_info const& wanted : inputs_) {
      onnxruntime_input const* const found = find(given, wanted.name);
      if (found == nullptr) throw failure("input \"" + wanted.name + "\" is missing; give every input a value");
      names.push_back(wanted.name.c_str());
      values.push_back(make_value(*found, memory));
    }
    for (onnxruntime_info const& output : outputs_) output_names.push_back(output.name.c_str());
    std::vector<Ort::Value> results;
    try {
      results = session_->Run(Ort::RunOptions{}, names.data(), values.data(), values.size(), output_names.data(),
                              output_names.size());
    } catch (Ort::Exception const& error) {
      throw failure(std::string("ONNX Runtime stopped: ") + error.what());
    }
    std::vector<onnxruntime_output> outputs;
    for (std::size_t i = 0; i < results.size(); ++i) {
      if (!results[i].IsTensor())
        throw failure("output \"" + outputs_[i].name + "\" is not a tensor; only tensors are supported");
      outputs.emplace_back(outputs_[i].name, std::move(results[i]));
    }
    return outputs;
  }

 private:
  // The numbers are those of TensorProto.DataType on both sides.
  static_assert(static_cast<int>(dtype::float32) == ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT &&
                static_cast<int>(dtype::boolean) == ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL &&
                static_cast<int>(dtype::bfloat16) == ONNX_TENSOR_ELEMENT_DATA_TYPE_BFLOAT16 &&
                static_cast<int>(dtype::int4) == ONNX_TENSOR_ELEMENT_DATA_TYPE_INT4);

  onnxruntime_error failure(std::string const& what) const {
    return onnxruntime_error("constexport: model " + where_ + ": " + what);
  }

  template <class Make>
  void open(onnxruntime_settings const& settings, Make&& make) {
    // A library older than the headers has no such interface, and every further call would go through a null pointer.
    if (OrtGetApiBase()->GetApi(ORT_API_VERSION) == nullptr)
      throw onnxruntime_error("constexport: the ONNX Runtime library " +
                              std::string(OrtGetApiBase()->GetVersionString()) + " is older than its headers (1." +
                              std::to_string(ORT_API_VERSION) + "); use a newer library or older headers");
    try {
      env_.emplace(ORT_LOGGING_LEVEL_FATAL, "constexport");
      Ort::SessionOptions options;
      options.SetIntraOpNumThreads(settings.threads);
      profiles_ = !settings.profile.empty();
      if (profiles_) options.EnableProfiling(settings.profile.c_str());
      options.SetGraphOptimizationLevel(settings.optimise ? ORT_ENABLE_ALL : ORT_DISABLE_ALL);
      {
        detail::without_schema_noise const quiet;
        session_.emplace(make(options));
      }
      Ort::AllocatorWithDefaultOptions allocator;
      for (std::size_t i = 0; i < session_->GetInputCount(); ++i)
        inputs_.push_back(describe(session_->GetInputNameAllocated(i, allocator).get(), session_->GetInputTypeInfo(i)));
      for (std::size_t i = 0; i < session_->GetOutputCount(); ++i)
        outputs_.push_back(
            describe(session_->GetOutputNameAllocated(i, allocator).get(), session_->GetOutputTypeInfo(i)));
    } catch (Ort::Exception const& error) {
      throw failure(std::string("ONNX Runtime cannot load it: ") + error.what());
    }
  }

  static onnxruntime_info describe(char const* name, Ort::TypeInfo const& type) {
    onnxruntime_info result;
    result.name = name;
    if (type.GetONNXType() != ONNX_TYPE_TENSOR) return result;
    auto const tensor = type.GetTensorTypeAndShapeInfo();
    result.type = static_cast<dtype>(tensor.GetElementType());
    result.dims = tensor.GetShape();
    std::vector<char const*> symbols(result.dims.size());
    tensor.GetSymbolicDimensions(symbols.data(), symbols.size());
    for (char const* const symbol : symbols) result.dim_names.emplace_back(symbol == nullptr ? "" : symbol);
    return result;
  }

  static onnxruntime_input const* find(std::span<onnxruntime_input const> given, std::string_view name) {
    for (onnxruntime_input const& each : given)
      if (each.name == name) return &each;
    return nullptr;
  }

  static std::string text_of(std::span<std::int64_t const> shape) {
    std::string text = "[";
    for (std::size_t i = 0; i < shape.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(shape[i]);
    return text + "]";
  }

  // ONNX Runtime reports these too, but some of them without the name of the tensor.
  void check(onnxruntime_input const& each, std::span<onnxruntime_input const> given) const {
    std::string const input = "input \"" + std::string(each.name) + "\"";
    onnxruntime_info const* wanted = nullptr;
    for (onnxruntime_info const& info : inputs_)
      if (info.name == each.name) wanted = &info;
    if (wanted == nullptr) throw failure(input + " is given, but the model has none of this name; remove it");
    if (find(given, each.name) != &each) throw failure(input + " is given twice; keep one of them");
    if (wanted->type != each.type)
      throw failure(input + " has dtype " + std::string(name_of(each.type)) + ", the model wants " +
                    std::string(name_of(wanted->type)));
    bool fits = wanted->dims.size() == each.shape.size();
    for (std::size_t i = 0; fits && i < each.shape.size(); ++i)
      fits = each.shape[i] >= 0 && (wanted->dims[i] < 0 || wanted->dims[i] == each.shape[i]);
    if (!fits)
      throw failure(input + " has shape " + text_of(each.shape) + ", the model wants " + text_of(wanted->dims) +
                    " (-1: any size)");
  }

  static Ort::Value make_value(onnxruntime_input const& input, Ort::MemoryInfo const& memory) {
    std::size_t elements = 1;
    for (std::int64_t const size : input.shape) elements *= static_cast<std::size_t>(size);
    // ONNX Runtime takes no null pointer, not even for a tensor without elements; it does not write to inputs.
    static std::int64_t nothing = 0;
    void* const data = input.data == nullptr ? &nothing : const_cast<void*>(input.data);
    return Ort::Value::CreateTensor(memory, data, bytes_of(input.type, elements), input.shape.data(),
                                    input.shape.size(), static_cast<ONNXTensorElementDataType>(input.type));
  }

  std::string where_;
  bool profiles_ = false;
  std::optional<Ort::Env> env_;
  std::optional<Ort::Session> session_;
  std::vector<onnxruntime_info> inputs_;
  std::vector<onnxruntime_info> outputs_;
};

}  // namespace constexport
