/// adapters/session.hpp: a model in ONNX Runtime with the types of its configuration.
///
/// Room: adapters. Includes session_binding.hpp, session_feed.hpp and the standard library; for Eigen's objects include
/// session_eigen.hpp. docs/running.md shows how it is used.
///   `session<Gpt2, gpt2> const model("gpt2.onnx");`
///   `auto gpt = model.bind();`
///   `gpt.run(feed<"input_ids">(ids, {1, 5}), feed<"attention_mask">(mask, {1, 5}), ...);`
///   `float best = gpt.output<"logits">()(0, 4, token); gpt.rotate();`
#pragma once

#include <constexport/adapters/session_binding.hpp>
#include <constexport/adapters/session_feed.hpp>

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

namespace constexport {

namespace detail {

template <>
inline constexpr dtype foreign_dtype<Ort::Float16_t> = dtype::float16;
template <>
inline constexpr dtype foreign_dtype<Ort::BFloat16_t> = dtype::bfloat16;

}  // namespace detail

/// What one thread feeds to a session and gets from it. It keeps the session alive.
template <class Config, Config Values = Config{}>
class bindings {
  static constexpr detail::session_table const& table = detail::session_constants<Values>::table;

 public:
  explicit bindings(std::shared_ptr<detail::session_file const> file)
      : binding_(std::make_unique<detail::session_binding>(std::move(file))) {}

  /// Runs the model on `feed<"name">(...)`, in any order: every input that is no past key/value. A past that is not fed
  /// is what `rotate` or `take_past` kept, or an empty cache. Throws session_error where sizes do not go together,
  /// before the model runs, and onnxruntime_error where ONNX Runtime stops.
  template <detail::fed_value_type... Fed>
  void run(Fed const&... fed) {
    if constexpr (detail::feeds<&table, Fed...>::are_right()) {
      binding_->begin();
      (binding_->feed(number_of<Fed::name, true>, fed.data, fed.count, fed.shape), ...);
      binding_->run();
    }
  }

  /// An output of the last run, until the next one: `output<"logits">()` is a shaped_span of the contract's type.
  template <fixed_string Name>
  auto output() const {
    constexpr std::size_t index = number_of<Name, false>;
    constexpr bool found = index < table.outputs.tensors.size();
    static_assert(found || detail::is_an_output<Name>,
                  "constexport: the configuration has no output of this name; layers are numbered as in "
                  "present.0.key");
    if constexpr (found) {
      constexpr dtype type = table.outputs.tensors[index].type;
      constexpr std::size_t rank = table.outputs.row(index).dims.size();
      constexpr bool has_elements = requires { typename detail::element<type>::type; };
      static_assert(has_elements || detail::has_numbers<Name>,
                    "constexport: a session gives real numbers, integers and booleans of 8 bits and more; this output "
                    "has another dtype");
      if constexpr (has_elements) {
        shaped_span<element_of<type> const, rank> result;
        result.data = static_cast<element_of<type> const*>(binding_->data(index));
        std::span<std::int64_t const> const shape = binding_->shape(index);
        for (std::size_t dim = 0; dim < rank; ++dim) result.extents[dim] = shape[dim];
        return result;
      }
    }
  }

  /// Every present key/value of the last run becomes the past of the next one, without a copy.
  void rotate() { binding_->rotate(); }

  /// The present key/values of another session's last run become the pasts of this one: the first decoder's of the one
  /// that has a past. Without a copy.
  template <class Other, Other OtherValues>
  void take_past(bindings<Other, OtherValues> const& from) {
    binding_->take_past(*from.binding_);
  }

  /// Begins anew with empty caches.
  void reset() { binding_->reset(); }

  /// The size of an axis in the last run; `unknown` (core/program.hpp) if nothing has said it.
  std::int64_t size_of(std::string_view axis) const { return binding_->size_of(axis); }

 private:
  template <class Other, Other OtherValues>
  friend class bindings;

  template <fixed_string Name, bool Input>
  static constexpr std::size_t number_of = (Input ? table.inputs : table.outputs).find(Name.view());

  std::unique_ptr<detail::session_binding> binding_;
};

/// A file that was checked against a configuration when it was loaded: names, order, dtypes, ranks and sizes.
/// `session<BertOnnxConfig<>>` has the configuration's defaults, `session<Bert, bert>` those of a constant object. The
/// session does not change: threads share it, each with bindings of its own.
template <class Config, Config Values = Config{}>
class session {
  static constexpr detail::session_table const& table = detail::session_constants<Values>::table;

 public:
  /// Loads a file, with the external data beside it. Throws session_error with every difference from the contract, or
  /// onnxruntime_error.
  explicit session(std::filesystem::path const& file, onnxruntime_settings const& settings = {})
      : file_(std::make_shared<detail::session_file const>(file, table, settings)) {}
  /// Loads a model in memory, which must have no external data. The bytes are not needed afterwards.
  explicit session(std::span<std::byte const> model, onnxruntime_settings const& settings = {})
      : file_(std::make_shared<detail::session_file const>(model, table, settings)) {}

  /// Bindings for one thread, with empty caches.
  bindings<Config, Values> bind() const { return bindings<Config, Values>(file_); }

 private:
  std::shared_ptr<detail::session_file const> file_;
};

}  // namespace constexport
