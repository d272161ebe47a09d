/// onnx/ranges.hpp: repeated fields of a message as ranges.
///
/// Room: onnx. Includes freestanding standard headers only; no heap, no exceptions. The views of a file are made with
/// it.
#pragma once

#include <constexport/onnx/cursor.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <type_traits>

namespace constexport::wire {

/// Where a range of fields ends.
struct no_more_fields {};

/// Fields of a message as a range. `Iterator` is made of the message's bytes; how many there are is found by walking.
template <class Iterator>
class field_range {
 public:
  using iterator = Iterator;
  constexpr field_range() = default;
  explicit constexpr field_range(std::string_view message) : message_(message) {}
  constexpr Iterator begin() const { return Iterator{message_}; }
  constexpr no_more_fields end() const { return {}; }
  constexpr std::size_t size() const {
    std::size_t count = 0;
    for (Iterator at = begin(); !(at == end()); ++at) ++count;
    return count;
  }

 private:
  std::string_view message_;
};

/// Walks over the occurrences of one field.
template <class View, field_number Number>
class repeated_iterator {
 public:
  using value_type = View;
  using difference_type = std::ptrdiff_t;
  constexpr repeated_iterator() = default;
  explicit constexpr repeated_iterator(std::string_view bytes) : fields_(bytes) { ++*this; }
  constexpr View operator*() const { return View::read(field_); }
  constexpr repeated_iterator& operator++() {
    do more_ = fields_.next(field_);
    while (more_ && !(field_.number == Number && field_.type == wire_type::length_delimited));
    return *this;
  }
  constexpr repeated_iterator operator++(int) {
    repeated_iterator const before = *this;
    ++*this;
    return before;
  }
  friend constexpr bool operator==(repeated_iterator const& at, no_more_fields) { return !at.more_; }

 private:
  cursor fields_;
  field field_;
  bool more_ = false;
};

/// Walks over the elements of one field of numbers.
template <field_number Number, bool Real>
class number_iterator {
 public:
  using value_type = std::conditional_t<Real, float, std::int64_t>;
  explicit constexpr number_iterator(std::string_view message) : fields_(message) { ++*this; }
  constexpr value_type operator*() const {
    if constexpr (Real)
      return std::bit_cast<float>(static_cast<std::uint32_t>(bits_));
    else
      return static_cast<std::int64_t>(bits_);
  }
  constexpr number_iterator& operator++() {
    while (true) {
      if (!packed_.at_end()) {
        more_ = Real ? packed_.fixed(4, bits_) : packed_.varint(bits_);
        if (more_) return *this;
      }
      field each;
      do more_ = fields_.next(each);
      while (more_ && each.number != Number);
      if (!more_) return *this;
      if (each.type == wire_type::length_delimited) {
        packed_ = cursor{each.bytes, each.content};
      } else {
        bits_ = each.bits;
        return *this;
      }
    }
  }
  friend constexpr bool operator==(number_iterator const& at, no_more_fields) { return !at.more_; }

 private:
  cursor fields_;
  cursor packed_;
  std::uint64_t bits_ = 0;
  bool more_ = false;
};

/// The occurrences of one field in a message, as a range of `View`s, each made of the field by `View::read(field)`.
template <class View, field_number Number>
using repeated = field_range<repeated_iterator<View, Number>>;

/// A repeated number, packed or not, as a range. `Number` is the field, `Real` whether it is a float.
template <field_number Number, bool Real = false>
using numbers = field_range<number_iterator<Number, Real>>;

}  // namespace constexport::wire
