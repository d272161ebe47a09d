/// support/safetensors.hpp: reading a safetensors file without a copy.
///
/// Room: examples/support. May include the standard library, nlohmann-json and its neighbours; never LibTorch, so that
/// it can be run under sanitizers and reused without it. load_weights.hpp depends on it.
///
/// The format: 8 bytes little-endian header length, a JSON header
/// `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}, ..., "__metadata__": {"key": "value"}}`,
/// then the tensors' bytes, row-major, little-endian, without gaps.
/// Source: https://github.com/huggingface/safetensors, section "Format".
#pragma once

#include "support/error.hpp"
#include "support/mapped_file.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace examples {

static_assert(std::endian::native == std::endian::little, "safetensors data is little-endian and is used in place");

/// A file that is not valid safetensors, or lacks a tensor that was asked for.
struct safetensors_error : user_error {
  using user_error::user_error;
};

/// Element types that the reader knows.
enum class element_type { boolean, uint8, int32, int64, float16, bfloat16, float32, float64 };

/// An element type, its name in the format, and its size in bytes.
struct element_type_facts {
  element_type type;
  std::string_view name;
  std::size_t size;
};

inline constexpr std::array<element_type_facts, 8> element_types{{{element_type::boolean, "BOOL", 1},
                                                                  {element_type::uint8, "U8", 1},
                                                                  {element_type::int32, "I32", 4},
                                                                  {element_type::int64, "I64", 8},
                                                                  {element_type::float16, "F16", 2},
                                                                  {element_type::bfloat16, "BF16", 2},
                                                                  {element_type::float32, "F32", 4},
                                                                  {element_type::float64, "F64", 8}}};

/// Name and size of `type`.
constexpr element_type_facts const& facts_of(element_type type) {
  return *std::find_if(element_types.begin(), element_types.end(), [&](auto const& f) { return f.type == type; });
}

/// One tensor, in place: `bytes` points into the file.
struct stored_tensor {
  std::string name;
  element_type type;
  std::vector<std::int64_t> shape;
  std::span<std::byte> bytes;
};

/// "[2, 3]".
inline std::string to_string(std::span<std::int64_t const> shape) {
  std::string text = "[";
  for (std::int64_t const size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

/// What a safetensors header says, checked against the bytes that follow it.
struct safetensors_content {
  std::vector<stored_tensor> tensors;           ///< in the order of their bytes
  std::map<std::string, std::string> metadata;  ///< the `__metadata__` entry
};

namespace detail {

inline constexpr std::size_t length_bytes = 8;
/// The reference implementation's own limit: no real header comes near it.
inline constexpr std::uint64_t longest_header = 100'000'000;
/// Object of tensors, tensor, list. Deeper nesting is refused while parsing, before it can cost memory.
inline constexpr int deepest_nesting = 3;

inline constexpr std::string_view fetch_again = "the file is damaged or incomplete: fetch or write it again";
inline constexpr std::string_view write_again = "write the file again with a current safetensors writer";

/// Reads one header; holds what every check needs to say where it stands.
class safetensors_parser {
 public:
  safetensors_parser(std::span<std::byte> file, std::string path) : file_(file), path_(std::move(path)) {}

  safetensors_content parse() {
    nlohmann::json const header = parse_header();
    data_ = file_.subspan(length_bytes + header_length_);
    safetensors_content content;
    for (auto const& [name, entry] : header.items()) {
      if (name == "__metadata__") {
        content.metadata = parse_metadata(entry);
      } else {
        content.tensors.push_back(parse_tensor(name, entry));
      }
    }
    check_layout(content.tensors);
    return content;
  }

 private:
  [[noreturn]] void fail(std::string const& problem, std::string_view remedy = write_again) const {
    throw safetensors_error(path_, problem, remedy);
  }
  [[noreturn]] void fail_at(std::string const& name, std::string const& problem,
                            std::string_view remedy = write_again) const {
    throw safetensors_error(path_ + ", tensor '" + name + "'", problem, remedy);
  }

  nlohmann::json parse_header() {
    if (file_.size() < length_bytes)
      fail("is " + std::to_string(file_.size()) + " bytes long, too short for the 8 bytes of the header's length",
           fetch_again);
    std::uint64_t length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) length |= std::to_integer<std::uint64_t>(file_[i]) << (8 * i);
    if (length > longest_header)
      fail("claims a header of " + std::to_string(length) + " bytes; at most " + std::to_string(longest_header) +
               " are allowed",
           "check that it is a .safetensors file: another format's first bytes look like this");
    if (length > file_.size() - length_bytes)
      fail("claims a header of " + std::to_string(length) + " bytes, but only " +
               std::to_string(file_.size() - length_bytes) + " bytes follow",
           fetch_again);
    header_length_ = static_cast<std::size_t>(length);

    auto const* const begin = reinterpret_cast<char const*>(file_.data()) + length_bytes;
    nlohmann::json header;
    try {
      header = nlohmann::json::parse(begin, begin + header_length_, nesting_and_duplicates());
    } catch (nlohmann::json::exception const& error) {
      fail("has a header that is not JSON: " + std::string(error.what()), fetch_again);
    }
    if (!header.is_object()) fail("has a header that is not a JSON object");
    return header;
  }

  /// A callback for the JSON parser. The parser keeps the last of two equal keys without a word; here that would be
  /// a tensor that silently shadows another.
  nlohmann::json::parser_callback_t nesting_and_duplicates() const {
    using event = nlohmann::json::parse_event_t;
    return [this, open = std::make_shared<std::vector<std::set<std::string>>>()](int depth, event kind,
                                                                                 nlohmann::json& value) {
      if (depth >= deepest_nesting && (kind == event::object_start || kind == event::array_start))
        fail("has a header nested more than " + std::to_string(deepest_nesting) + " deep");
      if (kind == event::object_start) open->emplace_back();
      if (kind == event::object_end) open->pop_back();
      if (kind == event::key && !open->back().insert(value.get<std::string>()).second)
        fail("has a header with the key '" + value.get<std::string>() + "' twice");
      return true;
    };
  }

  std::map<std::string, std::string> parse_metadata(nlohmann::json const& entry) const {
    std::map<std::string, std::string> metadata;
    if (!entry.is_object()) fail("has a __metadata__ entry that is not a JSON object");
    for (auto const& [key, value] : entry.items()) {
      if (!value.is_string()) fail("has a __metadata__ entry '" + key + "' that is not a string");
      metadata.emplace(key, value.get<std::string>());
    }
    return metadata;
  }

  stored_tensor parse_tensor(std::string const& name, nlohmann::json const& entry) const {
    if (!entry.is_object()) fail_at(name, "has a header entry that is not a JSON object");
    for (char const* const key : {"dtype", "shape", "data_offsets"})
      if (!entry.contains(key)) fail_at(name, "has a header entry without '" + std::string(key) + "'");

    if (!entry["dtype"].is_string()) fail_at(name, "has a 'dtype' that is not a string");
    auto const type_name = entry["dtype"].get<std::string>();
    auto const known = std::find_if(element_types.begin(), element_types.end(),
                                    [&](auto const& facts) { return facts.name == type_name; });
    if (known == element_types.end()) {
      std::string names;
      for (auto const& facts : element_types) names += (names.empty() ? "" : ", ") + std::string(facts.name);
      fail_at(name, "has the unknown dtype '" + type_name + "'", "convert it to one of " + names);
    }

    std::uint64_t size = known->size;
    std::vector<std::int64_t> shape;
    for (std::uint64_t const dimension : natural_numbers(name, entry, "shape")) {
      if (dimension > INT64_MAX || __builtin_mul_overflow(size, dimension, &size))
        fail_at(name, "has a shape of more bytes than 64 bits can count");
      shape.push_back(static_cast<std::int64_t>(dimension));
    }

    auto const offsets = natural_numbers(name, entry, "data_offsets");
    if (offsets.size() != 2 || offsets[0] > offsets[1])
      fail_at(name, "has 'data_offsets' that are not a begin and an end");
    std::string const range = std::to_string(offsets[0]) + " to " + std::to_string(offsets[1]);
    if (offsets[1] > data_.size())
      fail_at(
          name,
          "takes the data bytes " + range + ", but the file holds only " + std::to_string(data_.size()) + " data bytes",
          fetch_again);
    if (offsets[1] - offsets[0] != size)
      fail_at(name, "takes the data bytes " + range + ", but " + type_name + " " + to_string(shape) + " needs " +
                        std::to_string(size) + " bytes");
    return {name, known->type, std::move(shape),
            data_.subspan(static_cast<std::size_t>(offsets[0]), static_cast<std::size_t>(size))};
  }

  std::vector<std::uint64_t> natural_numbers(std::string const& name, nlohmann::json const& entry,
                                             char const* key) const {
    nlohmann::json const& list = entry[key];
    bool const good = list.is_array() && std::all_of(list.begin(), list.end(),
                                                     [](auto const& number) { return number.is_number_unsigned(); });
    if (!good) fail_at(name, "has a '" + std::string(key) + "' that is not a list of natural numbers");
    return list.get<std::vector<std::uint64_t>>();
  }

  /// Every data byte belongs to exactly one tensor, as the format demands: an overlap would let a write to one tensor
  /// change another, a gap would hide data.
  void check_layout(std::vector<stored_tensor>& tensors) const {
    auto const begin_of = [&](stored_tensor const& t) {
      return static_cast<std::size_t>(t.bytes.data() - data_.data());
    };
    std::sort(tensors.begin(), tensors.end(), [&](stored_tensor const& a, stored_tensor const& b) {
      return std::pair(begin_of(a), a.bytes.size()) < std::pair(begin_of(b), b.bytes.size());
    });
    std::size_t end = 0;
    for (stored_tensor const& tensor : tensors) {
      std::size_t const begin = begin_of(tensor);
      if (begin < end)
        fail_at(tensor.name, "begins at data byte " + std::to_string(begin) + " and overlaps the tensor before it, " +
                                 "which ends at " + std::to_string(end));
      if (begin > end)
        fail_at(tensor.name,
                "begins at data byte " + std::to_string(begin) + " and leaves a gap after byte " + std::to_string(end));
      end = begin + tensor.bytes.size();
    }
    if (end != data_.size())
      fail("has " + std::to_string(data_.size() - end) + " bytes after its last tensor", fetch_again);
  }

  std::span<std::byte> file_, data_;
  std::string path_;
  std::size_t header_length_ = 0;
};

}  // namespace detail

/// Reads and checks a whole file's bytes; the tensors point into them. `path` is only for messages.
/// Throws `safetensors_error` for anything that does not follow the format; no input makes it read out of bounds.
inline safetensors_content parse_safetensors(std::span<std::byte> file, std::string path) {
  return detail::safetensors_parser(file, std::move(path)).parse();
}

/// A safetensors file, mapped into memory. Opening reads the header only; a tensor's bytes come from disk when they
/// are first touched. Copies share the mapping.
class safetensors_file {
 public:
  /// Throws `file_error` (no such file, no permission) or `safetensors_error` (not a valid file).
  explicit safetensors_file(std::filesystem::path const& path)
      : path_(path.string()),
        file_(std::make_shared<mapped_file const>(path)),
        content_(parse_safetensors(file_->bytes(), path_)) {
    for (std::size_t i = 0; i < content_.tensors.size(); ++i) index_.emplace(content_.tensors[i].name, i);
  }

  [[nodiscard]] std::string const& path() const noexcept { return path_; }
  /// All tensors, in the order of their bytes.
  [[nodiscard]] std::vector<stored_tensor> const& tensors() const noexcept { return content_.tensors; }
  [[nodiscard]] std::map<std::string, std::string> const& metadata() const noexcept { return content_.metadata; }
  /// Keep a copy as long as a tensor's bytes are in use.
  [[nodiscard]] std::shared_ptr<mapped_file const> const& storage() const noexcept { return file_; }

  /// The tensor called `name`, or null.
  [[nodiscard]] stored_tensor const* find(std::string_view name) const {
    auto const found = index_.find(name);
    return found == index_.end() ? nullptr : &content_.tensors[found->second];
  }

  /// The tensor called `name`. Throws `safetensors_error` if there is none.
  [[nodiscard]] stored_tensor const& at(std::string_view name) const {
    if (stored_tensor const* const tensor = find(name)) return *tensor;
    throw safetensors_error(path_, "has no tensor '" + std::string(name) + "'",
                            "check that the file belongs to this model");
  }

 private:
  std::string path_;
  std::shared_ptr<mapped_file const> file_;
  safetensors_content content_;
  std::map<std::string, std::size_t, std::less<>> index_;
};

}  // namespace examples
