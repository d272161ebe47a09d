/// export/external_data.hpp: weights beside the model instead of in it.
///
/// Room: export. Includes graph.hpp and LibTorch's tensors. write.hpp asks it where each weight goes. Source: ONNX,
/// docs/ExternalData.md: location relative to the model, offset (a multiple of 4096, so that it can be mapped), length.
#pragma once

#include <constexport/export/graph.hpp>

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

namespace constexport {

/// Where weights are written: into the model, or into `NAME.onnx.data` beside `NAME.onnx`.
enum class external_data_mode : std::uint8_t {
  automatic,  ///< beside the model where they have more than `external_data_threshold` bytes
  always,     ///< beside the model
  never,      ///< into the model, which can then have 2 GiB at most
};

/// 1.5 GiB: what remains up to protobuf's limit of 2 GiB is for everything else, and for tools that add to a file.
inline constexpr std::uint64_t external_data_threshold = std::uint64_t{3} << 29;

/// The file of a model's external data.
inline std::filesystem::path external_data_path(std::filesystem::path const& model) { return model.string() + ".data"; }

namespace detail {

/// The bytes of a tensor, row by row; one that is not contiguous is copied in pieces of at most 4 MiB.
template <class Sink>
void write_elements(Sink& sink, at::Tensor const& tensor) {
  constexpr std::int64_t largest_piece = std::int64_t{4} << 20;
  if (tensor.numel() == 0) return;
  if (tensor.is_contiguous()) {
    sink.write(static_cast<char const*>(tensor.data_ptr()), tensor.nbytes());
    return;
  }
  std::int64_t const rows = tensor.size(0), row_bytes = static_cast<std::int64_t>(tensor.nbytes()) / rows;
  if (row_bytes > largest_piece) {
    for (std::int64_t row = 0; row < rows; ++row) write_elements(sink, tensor.select(0, row));
    return;
  }
  std::int64_t const step = std::max<std::int64_t>(1, largest_piece / row_bytes);
  for (std::int64_t row = 0; row < rows; row += step) {
    at::Tensor const piece = tensor.narrow(0, row, std::min(step, rows - row)).contiguous();
    sink.write(static_cast<char const*>(piece.data_ptr()), piece.nbytes());
  }
}

/// Which constants go beside the model, and where they lie there. Constants over the same memory lie in one place.
class external_data_plan {
 public:
  static constexpr std::uint64_t alignment = 4096;
  static constexpr std::uint64_t smallest = 1024;  ///< readers want to see small constants, such as shapes, at once

  struct place {
    std::uint64_t offset = 0, length = 0;
  };

  external_data_plan() = default;
  external_data_plan(graph const& g, value_list const& constants) {
    std::map<std::tuple<void const*, std::vector<std::int64_t>, std::vector<std::int64_t>>, place> known;
    for (value_id const id : constants) {
      at::Tensor const& data = g[id].data;
      if (data.nbytes() < smallest) continue;
      std::vector<std::int64_t> sizes{static_cast<std::int64_t>(data.nbytes())}, strides;
      if (!data.is_contiguous()) {
        sizes.insert(sizes.end(), data.sizes().begin(), data.sizes().end());
        strides = data.strides().vec();
      }
      auto const [found, is_new] = known.try_emplace({data.data_ptr(), std::move(sizes), std::move(strides)});
      if (is_new) {
        found->second = {(size_ + alignment - 1) / alignment * alignment, data.nbytes()};
        size_ = found->second.offset + found->second.length;
        written_.push_back(data);
      }
      places_.emplace(id, found->second);
    }
  }

  /// Null: inside the model.
  place const* find(value_id id) const {
    auto const found = places_.find(id);
    return found != places_.end() ? &found->second : nullptr;
  }
  /// Bytes of the file.
  std::uint64_t size() const { return size_; }

  /// Writes the file.
  template <class Sink>
  void write(Sink& sink) const {
    std::uint64_t at = 0;
    for (at::Tensor const& each : written_) {
      for (; at % alignment != 0; ++at) sink.put('\0');
      write_elements(sink, each);
      at += each.nbytes();
    }
  }

 private:
  std::map<value_id, place> places_;
  std::vector<at::Tensor> written_;
  std::uint64_t size_ = 0;
};

}  // namespace detail
}  // namespace constexport
