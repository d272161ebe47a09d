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

/// The occurrences of one field in a message, as a range of `View`s, each made of the field by `View::read(field)`.
template <class View, field_number Number>
class repeated {
 public:
  class iterator {
   public:
    using value_type = View;
    using difference_type = std::ptrdiff_t;
    constexpr iterator() = default;
    explicit constexpr iterator(std::string_view bytes) : fields_(bytes) { ++*this; }
    constexpr View operator*() const { return View::read(field_); }
    constexpr iterator& operator++() {
      do more_ = fields_.next(field_);
      while (more_ && !(field_.number == Number && field_.type == wire_type::length_delimited));
      return *this;
    }
    constexpr iterator operator++(int) {
      iterator const before = *this;
      ++*this;
      return before;
    }
    struct end_mark {};
    friend constexpr bool operator==(iterator const& at, end_mark) { return !at.more_; }

   private:
    cursor fields_;
    field field_;
    bool more_ = false;
  };

  constexpr repeated() = default;
  explicit constexpr repeated(std::string_view message) : message_(message) {}
  constexpr iterator begin() const { return iterator{message_}; }
  constexpr typename iterator::end_mark end() const { return {}; }
  /// How many there are; walks over them.
  constexpr std::size_t size() const {
    std::size_t count = 0;
    for (iterator at = begin(); !(at == end()); ++at) ++count;
    return count;
  }

 private:
  std::string_view message_;
};

/// A repeated number, packed or not, as a range. `Number` is the field, `Real` whether it is a float.
template <field_number Number, bool Real = false>
class numbers {
 public:
  using value_type = std::conditional_t<Real, float, std::int64_t>;
  class iterator {
   public:
    explicit constexpr iterator(std::string_view message) : fields_(message) { ++*this; }
    constexpr value_type operator*() const {
      if constexpr (Real)
        return std::bit_cast<float>(static_cast<std::uint32_t>(bits_));
      else
        return static_cast<std::int64_t>(bits_);
    }
    constexpr iterator& operator++() {
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
    struct end_mark {};
    friend constexpr bool operator==(iterator const& at, end_mark) { return !at.more_; }

   private:
    cursor fields_;
    cursor packed_;
    std::uint64_t bits_ = 0;
    bool more_ = false;
  };

  constexpr numbers() = default;
  explicit constexpr numbers(std::string_view message) : message_(message) {}
  constexpr iterator begin() const { return iterator{message_}; }
  constexpr typename iterator::end_mark end() const { return {}; }
  constexpr std::size_t size() const {
    std::size_t count = 0;
    for (iterator at = begin(); !(at == end()); ++at) ++count;
    return count;
  }

 private:
  std::string_view message_;
};

}  // namespace constexport::wire
