/// export/known_sizes.hpp: arithmetic of LibTorch's on integers that are sizes, as arithmetic on sizes.
///
/// Room: export. Includes call.hpp. reconcile.hpp asks for calls on integers without dimensions; TorchScript makes such
/// integers of `x.size(0)`.
#pragma once

#include <constexport/export/call.hpp>

#include <optional>
#include <string_view>

namespace constexport::detail {

/// What the operator `name` (without "aten::") makes of the sizes `a` and `b`; nothing if that is no size or not known.
inline std::optional<dim> size_arithmetic(std::string_view name, dim a, std::optional<dim> b, call& given,
                                          builder& to) {
  dim_table& dims = to.g.dims;
  for (std::string_view const same : {"to", "_to_copy", "clone", "detach", "alias", "contiguous", "lift_fresh"})
    if (name == same) return a;
  if (name == "neg") return dims.subtract(dims.number(0), a);
  if (!b) return std::nullopt;
  if ((name == "add" || name == "sub" || name == "rsub") && given.has("alpha"))
    b = dims.multiply(*b, given.size("alpha"));
  if (name == "add") return dims.add(a, *b);
  if (name == "sub") return dims.subtract(a, *b);
  if (name == "rsub") return dims.subtract(*b, a);
  if (name == "mul") return dims.multiply(a, *b);
  if (name == "minimum") return dims.minimum(a, *b);
  if (name == "maximum") return dims.maximum(a, *b);
  if (!dims.is_number(*b) || dims.value(*b) <= 0) return std::nullopt;
  bool const rounded = name == "div" && given.has("rounding_mode") && !given.is_none("rounding_mode");
  bool const down = name == "floor_divide" || (rounded && given.text("rounding_mode") == "floor") ||
                    (rounded && to.proven_at_most(dims.number(0), a));
  if (down) return dims.floor_divide(a, *b);
  if (name == "remainder") return dims.subtract(a, dims.multiply(*b, dims.floor_divide(a, *b)));
  return std::nullopt;
}

}  // namespace constexport::detail
