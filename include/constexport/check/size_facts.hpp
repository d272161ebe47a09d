/// check/size_facts.hpp: one size of an interface, looked at alone.
///
/// Room: check, private (namespace detail). Includes core, onnx/dim_names.hpp and freestanding standard headers; no
/// heap, no exceptions.
#pragma once

#include <constexport/core/canonical.hpp>
#include <constexport/core/program.hpp>
#include <constexport/onnx/dim_names.hpp>

#include <cstddef>
#include <cstdint>

namespace constexport::detail {

inline constexpr std::size_t no_axis = static_cast<std::size_t>(-1);

enum class size_form : std::uint8_t { unstated, number, axis, expression };

/// One size as far as it is looked at alone. Symbols of an expression are axes or numbers.
struct size_facts {
  size_form form = size_form::unstated;
  std::int64_t value = 0;  ///< the number, or the index of the axis

  constexpr bool is(size_form wanted) const { return form == wanted; }
  constexpr std::size_t axis() const { return static_cast<std::size_t>(value); }
  friend constexpr bool operator==(size_facts, size_facts) = default;
};

/// The legal sizes of an axis. Files state none: what they say nothing of is not taken to be empty.
struct legal_sizes {
  bool is_stated = false;
  std::int64_t minimum = 1, maximum = unbounded, multiple = 1;
  friend constexpr bool operator==(legal_sizes const&, legal_sizes const&) = default;
};

/// Calls `visit(algebra, polynomial)` with the canonical form of an expression, as `make(algebra)` writes it; false if
/// it is beyond any algebra.
template <class Make, class Visit>
constexpr bool visit_canonical(Make const& make, Visit&& visit) {
  // Small: most expressions have a handful of atoms, and the compiler pays for capacity.
  auto const within = [&](auto&& sizes) {
    auto const result = make(sizes);
    if (sizes.ok()) visit(sizes, result);
    return sizes.ok();
  };
  return within(algebra<compact_algebra>{}) || within(algebra<>{});
}

}  // namespace constexport::detail
