/// emit/pin.hpp: an ONNX file with some of its axes fixed.
///
/// Room: emit. Includes core, onnx, check and the standard library. What is declared of inputs, outputs and inner
/// values is rewritten, in sub-graphs too, and the contract in the metadata; shape arithmetic that becomes constant is
/// folded (fold_shapes.hpp), all other nodes and the weights stay byte for byte. The result is a list of pieces, most
/// of which are parts of the old file: weights are never in memory.
#pragma once

#include <constexport/check/check.hpp>
#include <constexport/check/contract_interface.hpp>
#include <constexport/check/file_interface.hpp>
#include <constexport/check/refusals.hpp>
#include <constexport/dummy/shapes.hpp>
#include <constexport/emit/emit_error.hpp>
#include <constexport/emit/fold_shapes.hpp>
#include <constexport/emit/identifier_size.hpp>
#include <constexport/onnx/contract_reader.hpp>
#include <constexport/onnx/contract_text.hpp>
#include <constexport/onnx/field_rules.hpp>
#include <constexport/onnx/reader.hpp>

#include <algorithm>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport {

/// An axis and its only size.
struct pinned_axis {
  std::string name;
  std::int64_t size = 0;
};

/// A part of the old file, or (size 0) new bytes.
struct file_piece {
  std::uint64_t offset = 0, size = 0;
  std::string bytes{};
  std::uint64_t length() const { return size + bytes.size(); }
};

namespace detail {

// What becomes of the names of dimensions.
class pinned_names {
 public:
  pinned_names(wire::model_view const& model, std::vector<pinned_axis> const& axes) {
    file_interface const file = interface_of(model);
    require_one_contract(file);
    if (file.has_metadata)
      through_metadata(model, axes);
    else
      through_graph(file.shown, axes);
    for (pinned_axis const& each : axes) numbers_.emplace(each.name, each.size);
  }

  /// The new contract of the metadata; empty where the file carries none that counts.
  std::string const& contract_text() const { return contract_; }
  std::optional<std::int64_t> number(std::string_view param) const {
    auto const at = numbers_.find(param);
    return at == numbers_.end() ? std::nullopt : std::optional(at->second);
  }
  std::string const* renamed(std::string_view param) const {
    auto const at = names_.find(param);
    return at == names_.end() ? nullptr : &at->second;
  }

 private:
  static std::int64_t checked(std::int64_t size, std::string const& name) {
    if (size < 0)
      throw emit_error("the size \"" + name + "\" would be " + std::to_string(size) + "; give the axes other sizes");
    return size;
  }

  // A contract that pinning could not follow would go on to promise what the new file does not keep.
  static void require_one_contract(file_interface const& file) {
    std::vector<file_finding> const problems = metadata_problems(file);
    if (problems.empty()) return;
    file_finding const& first = problems.front();
    throw emit_error(places_text(first.places) + ": " + first.message + "; " + first.hint);
  }

  void through_metadata(wire::model_view const& model, std::vector<pinned_axis> const& axes) {
    auto const storage = std::make_unique<large_contract_storage>();
    read_contract(model.find_metadata(contract_key), *storage);
    bound_contract const before = storage->bound();
    bound_contract after = before;
    contract const& table = *before.table;
    for (pinned_axis const& each : axes) {
      std::size_t const index = find_symbol(table.symbols, each.name, true);
      if (index == table.symbols.size() || before.values[index] != unknown)
        throw emit_error(refusals::no_axis(each.name, before));
      symbol_row const& row = table.symbols[index];
      if (!is_legal_size(row, each.size)) throw emit_error(refusals::size_of_axis(row, each.size));
      after.values[index] = each.size;
    }
    for (auto const rows : {table.inputs, table.outputs})
      for (tensor_row const& row : rows)
        for (dimension const& dim : row.dims) add(dim, before, after);
    // Inner values have sizes of their own.
    for (wire::value_view const value : model.graph.value_infos())
      for (wire::dim_view const dim : value.dims())
        if (!dim.has_value && !dim.param.empty() && !numbers_.contains(dim.param) && !names_.contains(dim.param))
          if (auto const code = size_of_identifier(dim.param, table.symbols, before.sizes()))
            add({*code}, before, after);
    print_contract(after, [&](char c) { contract_ += c; });
  }
  void add(dimension const& dim, bound_contract const& before, bound_contract const& after) {
    if (evaluate(dim.size, before.sizes()) != unknown || !is_dynamic(dim, before.table->symbols)) return;
    std::int64_t const size = evaluate(dim.size, after.sizes());
    for (dim_naming const naming : {dim_naming::identifiers, dim_naming::optimum}) {
      std::string old_name, new_name;
      print_dim_param(dim, before, naming, [&](char c) { old_name += c; });
      print_dim_param(dim, after, naming, [&](char c) { new_name += c; });
      if (size != unknown)
        numbers_.emplace(old_name, checked(size, old_name));
      else if (old_name != new_name)
        names_.emplace(old_name, new_name);
    }
  }

  // Without a contract, names of dimensions are axes or expressions over them.
  void through_graph(model_interface const& shown, std::vector<pinned_axis> const& axes) {
    std::vector<std::int64_t> values(shown.axes.size(), unknown);
    std::vector<std::string> there;
    for (interface_axis const& each : shown.axes) there.push_back(each.name);
    for (pinned_axis const& each : axes) {
      auto const at = std::ranges::find(there, each.name);
      if (at == there.end()) throw emit_error(refusals::no_axis(each.name, there));
      values[static_cast<std::size_t>(at - there.begin())] = each.size;
    }
    for (auto const* const list : {&shown.inputs, &shown.outputs})
      for (interface_tensor const& each : *list)
        for (interface_dim const& dim : each.dims) {
          std::int64_t const size = dim.code.empty() ? unknown : evaluate(program{dim.code}, values);
          if (size != unknown) numbers_.emplace(dim.text, checked(size, dim.text));
        }
  }

  std::map<std::string, std::int64_t, std::less<>> numbers_;
  std::map<std::string, std::string, std::less<>> names_;
  std::string contract_;
};

// Rewrites a message into pieces.
class pinned_file {
 public:
  pinned_file(std::string_view file, pinned_names const& names, replaced_fields replaced)
      : file_(file), names_(names), replaced_(std::move(replaced)) {
    message(file, wire::detail::kind::model, pieces_);
  }
  std::vector<file_piece> take() { return std::move(pieces_); }

 private:
  using kind = wire::detail::kind;
  using pieces = std::vector<file_piece>;

  static void put(pieces& to, std::string bytes) {
    if (!to.empty() && to.back().size == 0)
      to.back().bytes += bytes;
    else
      to.push_back({0, 0, std::move(bytes)});
  }
  void copy(pieces& to, std::size_t first, std::size_t last) const {
    if (first == last) return;
    if (!to.empty() && to.back().size > 0 && to.back().offset + to.back().size == first)
      to.back().size += last - first;
    else
      to.push_back({first, last - first, {}});
  }
  static std::string encoded(std::uint64_t value) {
    std::string result;
    for (; value >= 0x80; value >>= 7) result += static_cast<char>((value & 0x7f) | 0x80);
    return result + static_cast<char>(value);
  }
  static std::uint64_t length(pieces const& of) {
    std::uint64_t total = 0;
    for (file_piece const& each : of) total += each.length();
    return total;
  }

  // Messages in which a dimension or the contract can lie.
  static bool is_opened(kind in) {
    return in == kind::graph || in == kind::node || in == kind::attribute || in == kind::value_info ||
           in == kind::type || in == kind::tensor_type || in == kind::sequence_type || in == kind::map_type ||
           in == kind::shape || in == kind::dim || in == kind::entry;
  }

  void message(std::string_view bytes, kind in, pieces& to) {
    auto const base = static_cast<std::size_t>(bytes.data() - file_.data());
    wire::cursor fields{bytes, base};
    std::size_t copied = base;
    if (in == kind::dim) return dim(bytes, to);
    if (in == kind::entry) return entry(bytes, to);
    for (wire::field each; fields.next(each);) {
      if (each.type != wire::wire_type::length_delimited) continue;
      if (auto const found = replaced_.find(each.bytes.data()); in == kind::graph && found != replaced_.end()) {
        copy(to, copied, each.offset);
        if (!found->second.empty()) put(to, found->second);
        copied = each.content + each.bytes.size();
        continue;
      }
      wire::detail::field_rule const* const rule = wire::detail::find_rule(in, each.number);
      bool const entries = in == kind::model && each.number == wire::model_field::metadata_props;
      if (rule == nullptr || !is_opened(rule->to) || (rule->to == kind::entry && !entries)) continue;
      pieces inner;
      message(each.bytes, rule->to, inner);
      bool const same = inner.size() == 1 && inner[0].size == each.bytes.size();
      if (same || (inner.empty() && each.bytes.empty())) continue;
      copy(to, copied, each.offset);
      put(to, encoded(std::uint64_t{each.number} << 3 | 2) + encoded(length(inner)));
      for (file_piece& piece : inner)
        if (piece.size == 0)
          put(to, std::move(piece.bytes));
        else
          copy(to, piece.offset, piece.offset + piece.size);
      copied = each.content + each.bytes.size();
    }
    copy(to, copied, base + bytes.size());
  }

  void dim(std::string_view bytes, pieces& to) {
    auto const base = static_cast<std::size_t>(bytes.data() - file_.data());
    wire::dim_view const view = wire::dim_view::read({0, wire::wire_type::length_delimited, 0, bytes, base, base});
    std::optional<std::int64_t> const number = view.param.empty() ? std::nullopt : names_.number(view.param);
    std::string const* const name = view.param.empty() ? nullptr : names_.renamed(view.param);
    if (!number && name == nullptr) return copy(to, base, base + bytes.size());
    std::string made;
    if (number) {
      made = encoded(wire::dim_field::dim_value << 3) + encoded(static_cast<std::uint64_t>(*number));
    } else {
      made = encoded(wire::dim_field::dim_param << 3 | 2) + encoded(name->size()) + *name;
    }
    if (!view.denotation.empty())
      made += encoded(wire::dim_field::denotation << 3 | 2) + encoded(view.denotation.size()) +
              std::string(view.denotation);
    put(to, std::move(made));
  }

  void entry(std::string_view bytes, pieces& to) {
    auto const base = static_cast<std::size_t>(bytes.data() - file_.data());
    wire::entry_view const view = wire::entry_view::read({0, wire::wire_type::length_delimited, 0, bytes, base, base});
    if (view.key != contract_key || names_.contract_text().empty()) return copy(to, base, base + bytes.size());
    std::string const& text = names_.contract_text();
    put(to, encoded(wire::entry_field::key << 3 | 2) + encoded(view.key.size()) + std::string(view.key) +
                encoded(wire::entry_field::value << 3 | 2) + encoded(text.size()) + text);
  }

  std::string_view file_;
  pinned_names const& names_;
  replaced_fields const replaced_;
  pieces pieces_;
};

// The shapes that nodes can rely on: those of inputs, which runtimes compare with what they are given; and, where the
// library wrote the file, those of inner values.
inline replaced_fields folded(wire::model_view const& model, pinned_names const& names) {
  std::map<std::string_view, std::vector<std::int64_t>> shapes;
  auto const add = [&](auto const& values) {
    for (wire::value_view const value : values) {
      if (value.what != wire::value_type::tensor || !value.has_shape) continue;
      std::vector<std::int64_t>& dims = shapes[value.name];
      dims.clear();
      for (wire::dim_view const dim : value.dims())
        dims.push_back(dim.has_value && dim.value >= 0        ? dim.value
                       : !dim.has_value && !dim.param.empty() ? names.number(dim.param).value_or(unknown)
                                                              : unknown);
    }
  };
  add(model.graph.inputs());
  if (!names.contract_text().empty()) add(model.graph.value_infos());
  return shape_folder(model, shapes).take();
}

}  // namespace detail

/// The file with these axes fixed, as pieces in order. `file`: the bytes of a `sparse_file`, which `model` views.
/// Throws emit_error if there is no such axis, its range does not have the size, a size would be negative, or the file
/// carries a contract that is not its graph's.
inline std::vector<file_piece> pin(std::string_view file, wire::model_view const& model,
                                   std::vector<pinned_axis> const& axes) {
  detail::pinned_names const names(model, axes);
  return detail::pinned_file(file, names, detail::folded(model, names)).take();
}

}  // namespace constexport
