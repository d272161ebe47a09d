/// adapters/session_binding.hpp: a checked file in ONNX Runtime, and the values that one thread binds to it.
///
/// Room: adapters. Includes check/, onnxruntime.hpp, session_sizes.hpp and the standard library. session.hpp puts types
/// in front of it; nothing here depends on a configuration's type.
#pragma once

#include <constexport/adapters/onnxruntime.hpp>
#include <constexport/adapters/session_sizes.hpp>
#include <constexport/check/check.hpp>
#include <constexport/check/sparse_file.hpp>
#include <constexport/onnx/errors.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

namespace constexport::detail {

// What keeps the file from being the contract's, in one message.
inline void require_contract(std::string_view bytes, std::string const& where, std::filesystem::path const& folder,
                             bound_contract const& bound) {
  wire::model_file const file = wire::read_model(bytes);
  if (!file)
    throw session_error("constexport: model " + where + " cannot be read: " + std::string(text_of(file.status.error)));
  std::string message;
  for (file_finding const& each : check(file.model, bound, {.folder = folder, .runtime = {}})) {
    if (each.severity != level::error) continue;
    message += "\n  " + places_text(each.places) + ": " + each.message;
    if (!each.hint.empty()) message += "; " + each.hint;
  }
  if (!message.empty())
    throw session_error("constexport: model " + where + " does not keep the contract of " +
                        std::string(bound.table->identity.class_name) + ":" + message);
}

/// A file that keeps its contract, loaded. It does not change any more: threads share it.
class session_file {
 public:
  session_file(std::filesystem::path const& path, session_table const& table, onnxruntime_settings const& settings)
      : table_(&table), where_('"' + path.string() + '"'), loaded_((check_file(path, where_, table), path), settings) {}
  session_file(std::span<std::byte const> model, session_table const& table, onnxruntime_settings const& settings)
      : table_(&table), where_("in memory"), loaded_((check_bytes(model, where_, table), model), settings) {}

  session_table const& table() const { return *table_; }
  std::string const& where() const { return where_; }
  OrtSession* handle() const { return loaded_.handle(); }

 private:
  static void check_file(std::filesystem::path const& path, std::string const& where, session_table const& table) {
    try {
      sparse_file const file(path.string());
      require_contract(file.bytes(), where, path.parent_path(), *table.bound);
    } catch (std::system_error const& error) {
      throw session_error("constexport: model " + where + " cannot be opened: " + error.code().message());
    }
  }
  static void check_bytes(std::span<std::byte const> model, std::string const& where, session_table const& table) {
    require_contract({reinterpret_cast<char const*>(model.data()), model.size()}, where, {}, *table.bound);
  }

  session_table const* table_;
  std::string where_;
  onnxruntime_session loaded_;
};

/// The inputs and outputs of one thread. A step takes no memory of its own: what is allocated is ONNX Runtime's.
class session_binding {
 public:
  explicit session_binding(std::shared_ptr<session_file const> file)
      : file_(std::move(file)),
        sizes_(file_->table()),
        bound_(inputs().tensors.size()),
        outputs_(outputs().tensors.size()),
        memory_(Ort::MemoryInfo::CreateCpu(OrtArenaAllocator, OrtMemTypeDefault)) {
    OrtIoBinding* binding = nullptr;
    Ort::ThrowOnError(api().CreateIoBinding(file_->handle(), &binding));
    binding_.reset(binding);
  }

  /// Before the inputs of a run are fed.
  void begin() { sizes_.forget_fed(); }

  /// One input of the run that begins. The compiler has checked the type and the number of dimensions.
  void feed(std::size_t input, void const* data, std::size_t count, std::span<std::int64_t const> shape) {
    std::span<std::int64_t> const sizes = sizes_.input(input);
    // The same memory in the same shape is bound already: ONNX Runtime's CPU provider reads it where it lies.
    bool same = bound_[input] == data && data != nullptr;
    bool valid = true;
    std::size_t elements = 1;
    for (std::size_t dim = 0; dim < sizes.size(); ++dim) {
      same = same && sizes[dim] == shape[dim];
      sizes[dim] = shape[dim];
      valid = valid && shape[dim] >= 0 && !__builtin_mul_overflow(elements, shape[dim], &elements);
    }
    sizes_.source(input) = input_source::fed;
    if (!same) bound_[input] = nullptr;
    fed_[fed_count_++] = {input, data};
    if (!valid || elements != count) {
      fed_count_ = 0;
      throw session_error("constexport: input " + std::string(inputs().name(input)) + " is fed " +
                          std::to_string(count) + " elements, but its shape " + shape_text(shape) + " is of " +
                          (valid ? std::to_string(elements) : std::string("no tensor")) +
                          "; give as many as the shape holds");
    }
  }

  void run() {
    std::size_t const fed = std::exchange(fed_count_, 0);
    sizes_.solve();
    for (std::size_t i = 0; i < fed; ++i)
      if (bound_[fed_[i].input] == nullptr) bind(fed_[i].input, fed_[i].data);
    for (std::size_t i = 0; i < bound_.size(); ++i)
      if (sizes_.source(i) == input_source::empty) bind(i, nullptr);
    has_outputs_ = false;  // they live on: what is fed may lie in them
    // Without this a run would write into the values of the run before, which are the pasts of this one.
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      Ort::ThrowOnError(api().BindOutputToDevice(binding_.get(), outputs().name(i), memory_));
    try {
      Ort::ThrowOnError(api().RunWithBinding(file_->handle(), options_, binding_.get()));
      take_outputs();
    } catch (Ort::Exception const& error) {
      throw onnxruntime_error("constexport: model " + file_->where() + ": ONNX Runtime stopped: " + error.what());
    }
  }

  /// Every present becomes its past: the same memory, bound as an input.
  void rotate() {
    require_outputs();
    for (std::size_t i = 0; i < outputs_.size(); ++i)
      if (std::uint16_t const past = outputs().tensors[i].pair; past != no_row) keep(past, *this, i);
  }

  /// The presents of another session's run become the pasts of this one, by the name behind the first dot.
  void take_past(session_binding const& from) {
    from.require_outputs();
    for (std::size_t past = 0; past < bound_.size(); ++past) {
      if (inputs().tensors[past].role != tensor_role::past) continue;
      std::string_view const wanted = behind_the_dot(inputs().name(past));
      for (std::size_t i = 0; i < from.outputs_.size(); ++i) {
        session_tensor const& present = from.outputs().tensors[i];
        if (present.role != tensor_role::present || behind_the_dot(from.outputs().name(i)) != wanted) continue;
        if (present.type != inputs().tensors[past].type ||
            from.outputs().row(i).dims.size() != inputs().row(past).dims.size())
          throw session_error("constexport: " + std::string(from.outputs().name(i)) + " cannot become " +
                              inputs().name(past) + ": its dtype or its number of dimensions is another; feed it");
        keep(past, from, i);
      }
    }
  }

  /// The caches are empty again.
  void reset() { sizes_.reset(); }

  void const* data(std::size_t output) const {
    require_outputs();
    void* result = nullptr;
    Ort::ThrowOnError(api().GetTensorMutableData(outputs_[output].get(), &result));
    return result;
  }
  std::span<std::int64_t const> shape(std::size_t output) const { return sizes_.output(output); }
  std::int64_t size_of(std::string_view axis) const { return sizes_.size_of(axis); }

 private:
  struct release {
    void operator()(OrtValue* value) const { api().ReleaseValue(value); }
    void operator()(OrtIoBinding* binding) const { api().ReleaseIoBinding(binding); }
    void operator()(OrtTensorTypeAndShapeInfo* info) const { api().ReleaseTensorTypeAndShapeInfo(info); }
  };
  using owned_value = std::unique_ptr<OrtValue, release>;

  static OrtApi const& api() { return Ort::GetApi(); }
  session_list const& inputs() const { return file_->table().inputs; }
  session_list const& outputs() const { return file_->table().outputs; }

  static std::string_view behind_the_dot(std::string_view name) { return name.substr(name.find('.') + 1); }

  void bind(std::size_t input, void const* data) {
    std::span<std::int64_t const> const shape = sizes_.input(input);
    std::size_t elements = 1;
    for (std::int64_t const size : shape) elements *= static_cast<std::size_t>(size);
    // ONNX Runtime takes no null pointer, not even for a tensor without elements; it does not write to inputs.
    static std::int64_t nothing = 0;
    dtype const type = inputs().tensors[input].type;
    OrtValue* value = nullptr;
    Ort::ThrowOnError(api().CreateTensorWithDataAsOrtValue(
        memory_, data == nullptr ? &nothing : const_cast<void*>(data), bytes_of(type, elements), shape.data(),
        shape.size(), static_cast<ONNXTensorElementDataType>(type), &value));
    owned_value const owner(value);
    Ort::ThrowOnError(api().BindInput(binding_.get(), inputs().name(input), value));
    bound_[input] = data;
  }

  void keep(std::size_t past, session_binding const& from, std::size_t output) {
    Ort::ThrowOnError(api().BindInput(binding_.get(), inputs().name(past), from.outputs_[output].get()));
    std::ranges::copy(from.sizes_.output(output), sizes_.input(past).begin());
    sizes_.source(past) = input_source::kept;
    bound_[past] = nullptr;
  }

  void take_outputs() {
    Ort::AllocatorWithDefaultOptions allocator;
    OrtValue** values = nullptr;
    std::size_t count = 0;
    Ort::ThrowOnError(api().GetBoundOutputValues(binding_.get(), allocator, &values, &count));
    for (std::size_t i = 0; i < count && i < outputs_.size(); ++i) outputs_[i].reset(values[i]);
    allocator.Free(values);
    for (std::size_t i = 0; i < outputs_.size(); ++i) {
      std::span<std::int64_t> const sizes = sizes_.output(i);
      auto const [type, rank] = look_at(api(), outputs_[i].get(), sizes);
      if (rank != sizes.size() || type != outputs().tensors[i].type)
        throw session_error("constexport: " + std::string(outputs().name(i)) + " has " + std::to_string(rank) +
                            " dimensions of " + std::string(name_of(type)) + "; the model does not keep its contract");
      sizes_.check_output(i);
    }
    has_outputs_ = true;
  }

  // The dtype and the rank of a tensor, with its sizes where there is room for them. Since version 1.24 ONNX Runtime
  // says them without making an object first, which is most of what a step costs beyond its run.
  template <class Api>
  static std::pair<dtype, std::size_t> look_at(Api const& api, OrtValue const* tensor, std::span<std::int64_t> sizes) {
    ONNXTensorElementDataType type = ONNX_TENSOR_ELEMENT_DATA_TYPE_UNDEFINED;
    std::size_t rank = 0;
    if constexpr (requires { api.GetTensorElementTypeAndShapeDataReference; }) {
      std::int64_t const* found = nullptr;
      Ort::ThrowOnError(api.GetTensorElementTypeAndShapeDataReference(tensor, &type, &found, &rank));
      if (rank == sizes.size()) std::copy_n(found, rank, sizes.data());
    } else {
      OrtTensorTypeAndShapeInfo* info = nullptr;
      Ort::ThrowOnError(api.GetTensorTypeAndShape(tensor, &info));
      std::unique_ptr<OrtTensorTypeAndShapeInfo, release> const owner(info);
      Ort::ThrowOnError(api.GetDimensionsCount(info, &rank));
      Ort::ThrowOnError(api.GetTensorElementType(info, &type));
      if (rank == sizes.size()) Ort::ThrowOnError(api.GetDimensions(info, sizes.data(), rank));
    }
    return {static_cast<dtype>(type), rank};
  }

  void require_outputs() const {
    if (!has_outputs_)
      throw session_error("constexport: model " + file_->where() + " has no outputs yet: its run comes first");
  }

  struct fed_value {
    std::size_t input = 0;
    void const* data = nullptr;
  };

  std::shared_ptr<session_file const> file_;
  session_sizes sizes_;
  std::vector<void const*> bound_;  // memory of the caller that is bound to an input
  std::vector<fed_value> fed_{std::vector<fed_value>(bound_.size())};
  std::size_t fed_count_ = 0;
  std::vector<owned_value> outputs_;
  bool has_outputs_ = false;
  Ort::MemoryInfo memory_;
  Ort::RunOptions options_;
  std::unique_ptr<OrtIoBinding, release> binding_;
};

}  // namespace constexport::detail
