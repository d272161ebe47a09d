/// export/lower/padding.hpp: padding with a number, by reflection, by the edge, or around a circle.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families. LibTorch lists pairs from the last axis on;
/// a negative amount crops.
#pragma once

#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

/// How ONNX calls the ways to pad.
enum class padding_kind { constant, reflect, edge, wrap };

/// Amounts before and behind every axis.
struct padding_amounts {
  dim_list before, after;

  padding_amounts(builder& b, value_id x, dim_list const& pairs)
      : before(b.dims(x).size(), b.g.dims.number(0)), after(before) {
    for (std::size_t i = 0; i + 1 < pairs.size() && i / 2 < before.size(); i += 2) {
      before[before.size() - 1 - i / 2] = pairs[i];
      after[after.size() - 1 - i / 2] = pairs[i + 1];
    }
  }

  /// Negative amounts, with zeros for the others; they become zeros here.
  padding_amounts take_negative(builder& b) {
    padding_amounts taken = *this;
    dim const zero = b.g.dims.number(0);
    for (dim_list padding_amounts::*side : {&padding_amounts::before, &padding_amounts::after})
      for (std::size_t i = 0; i < before.size(); ++i) {
        dim& here = (this->*side)[i];
        dim& negative = (taken.*side)[i];
        if (b.seen_at_most(zero, here)) {
          here = b.positive(here);
          negative = zero;
        } else if (b.seen_at_most(here, zero)) {
          negative = b.g.dims.subtract(zero, b.positive(b.g.dims.subtract(zero, here)));
          here = zero;
        } else {
          throw declined{"an amount of padding, " + b.g.dims.text(here) + ", is negative at some sizes only"};
        }
      }
    return taken;
  }
  /// The same of what is negative at all sizes.
  padding_amounts take_always_negative(builder& b) {
    padding_amounts taken = *this;
    dim const zero = b.g.dims.number(0);
    for (dim_list padding_amounts::*side : {&padding_amounts::before, &padding_amounts::after})
      for (std::size_t i = 0; i < before.size(); ++i) {
        dim &here = (this->*side)[i], &negative = (taken.*side)[i];
        (b.proven_at_most(here, zero) ? here : negative) = zero;
      }
    return taken;
  }
};

/// Crops what is negative.
inline value_id cropped(builder& b, value_id x, padding_amounts const& amounts) {
  dim const zero = b.g.dims.number(0);
  for (std::size_t i = 0; i < amounts.before.size(); ++i) {
    if (amounts.before[i] == zero && amounts.after[i] == zero) continue;
    dim const size = b.dims(x)[i];
    x = b.slice(x, static_cast<std::int64_t>(i), b.g.dims.subtract(zero, amounts.before[i]),
                b.g.dims.add(size, amounts.after[i]));
  }
  return x;
}

/// Around a circle: the end stands in front, the beginning behind.
inline value_id wrapped_around(builder& b, value_id x, padding_amounts const& amounts) {
  dim const zero = b.g.dims.number(0);
  for (std::size_t i = 0; i < amounts.before.size(); ++i) {
    auto const axis = static_cast<std::int64_t>(i);
    dim const size = b.dims(x)[i], before = amounts.before[i], after = amounts.after[i];
    value_list parts;
    if (before != zero) parts.push_back(b.slice(x, axis, b.g.dims.subtract(zero, before), size));
    parts.push_back(x);
    if (after != zero) parts.push_back(b.slice(x, axis, zero, after));
    x = b.concat(parts, axis);
  }
  return x;
}

/// Pads. Amounts are not negative, except for `padding_kind::constant`, which crops then. ONNX Runtime 1.21 reads what
/// is not there if that leaves nothing: where it is known before, `cropped` comes first.
inline value_id pad_only(builder& b, value_id x, padding_amounts const& amounts, padding_kind kind, value_id number) {
  dim_list sizes = b.dims(x), pads = amounts.before;
  pads.insert(pads.end(), amounts.after.begin(), amounts.after.end());
  if (pads == dim_list(pads.size(), b.g.dims.number(0))) return x;
  if (kind == padding_kind::wrap && b.g.opset < 19) return wrapped_around(b, x, amounts);
  for (std::size_t i = 0; i < sizes.size(); ++i)
    sizes[i] = b.g.dims.add(sizes[i], b.g.dims.add(amounts.before[i], amounts.after[i]));
  constexpr char const* modes[] = {"constant", "reflect", "edge", "wrap"};
  value_list inputs{x, b.shape_tensor(pads)};
  if (number != no_value) inputs.push_back(number);
  std::vector<attribute> attributes;
  if (kind != padding_kind::constant)
    attributes.push_back({"mode", std::string(modes[static_cast<std::size_t>(kind)])});
  return b.node("Pad", inputs, attributes, b.type(x), sizes);
}

/// `number` is a value without dimensions for `padding_kind::constant`.
inline value_id pad(builder& b, value_id x, dim_list const& pairs, padding_kind kind, value_id number = no_value) {
  padding_amounts amounts(b, x, pairs);
  if (kind == padding_kind::constant) {
    x = cropped(b, x, amounts.take_always_negative(b));
  } else {
    padding_amounts const negative = amounts.take_negative(b);
    // The circle goes round what is left; a mirror and an edge are where the image ends.
    if (kind != padding_kind::wrap) return cropped(b, pad_only(b, x, amounts, kind, no_value), negative);
    x = cropped(b, x, negative);
  }
  return pad_only(b, x, amounts, kind, number);
}

inline value_list constant_pad(call& c, builder& b) {
  value_id const x = c.tensor("self");
  value_id const number = c.is_none("value") ? b.scalar(0, b.type(x)) : c.number("value", b.type(x));
  return {pad(b, x, c.sizes("pad"), padding_kind::constant, number)};
}

inline lowering pad_by(padding_kind kind) {
  return [kind](call& c, builder& b) -> value_list {
    return {pad(b, c.tensor("self"), c.sizes(c.has("padding") ? "padding" : "pad"), kind)};
  };
}

/// LibTorch's `pad`, with the kind as a word or a number.
inline value_list pad_with_mode(call& c, builder& b) {
  constexpr std::pair<char const*, padding_kind> kinds[] = {{"reflect", padding_kind::reflect},
                                                            {"replicate", padding_kind::edge},
                                                            {"circular", padding_kind::wrap},
                                                            {"constant", padding_kind::constant}};
  for (std::size_t i = 0; i < std::size(kinds); ++i)
    if (c.is_text("mode") ? c.text("mode") == kinds[i].first : c.integer("mode") == static_cast<std::int64_t>(i))
      return kinds[i].second == padding_kind::constant
                 ? constant_pad(c, b)
                 : value_list{pad(b, c.tensor("self"), c.sizes("pad"), kinds[i].second)};
  c.decline("this way to pad has no ONNX counterpart");
}

inline void add_padding(lowering_table& table) {
  table.add({"aten::pad", "aten::_pad_enum"}, pad_with_mode);
  table.add({"aten::constant_pad_nd"}, constant_pad);
  table.add({"aten::reflection_pad1d", "aten::reflection_pad2d", "aten::reflection_pad3d"},
            pad_by(padding_kind::reflect));
  table.add({"aten::replication_pad1d", "aten::replication_pad2d", "aten::replication_pad3d"},
            pad_by(padding_kind::edge));
  table.add({"aten::_pad_circular"}, pad_by(padding_kind::wrap));
}

}  // namespace constexport::lower
