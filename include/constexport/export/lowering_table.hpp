/// export/lowering_table.hpp: lowerings by the name of the operator.
///
/// Room: export. Includes call.hpp. The families of export/lower/ fill one, a user adds to it, reconcile.hpp looks
/// operators up in it.
#pragma once

#include <constexport/export/call.hpp>

#include <functional>
#include <initializer_list>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace constexport {

/// Adds the ONNX nodes of one call and returns the values of its results, in order; `no_value` for one that it does
/// not make, which is an error where that is used.
using lowering = std::function<value_list(call&, builder&)>;

/// Lowerings by schema name, with overload ("aten::add.Tensor") or for all of them ("aten::add"). What is added later
/// replaces what was there.
class lowering_table {
 public:
  void add(std::string name, lowering how) {
    rows_[std::move(name)] = std::move(how);
    ++changes_;
  }
  void add(std::initializer_list<char const*> names, lowering const& how) {
    for (char const* name : names) add(name, how);
  }
  /// For calls with a complex argument or result, which the others are not asked for: complex numbers are real values
  /// with one more dimension of 2.
  void add_complex(std::string name, lowering how) {
    complex_rows_[std::move(name)] = std::move(how);
    ++changes_;
  }
  void add_complex(std::initializer_list<char const*> names, lowering const& how) {
    for (char const* name : names) add_complex(name, how);
  }
  lowering const* find(c10::FunctionSchema const& schema, bool is_complex = false) const {
    auto const& rows = is_complex ? complex_rows_ : rows_;
    if (!schema.overload_name().empty())
      if (auto const found = rows.find(schema.name() + "." + schema.overload_name()); found != rows.end())
        return &found->second;
    auto const found = rows.find(schema.name());
    return found != rows.end() ? &found->second : nullptr;
  }
  /// The rows for real numbers of one operator: for all of its overloads, and for single ones.
  std::vector<std::pair<std::string, lowering>> rows_of(std::string const& name) const {
    std::vector<std::pair<std::string, lowering>> result;
    for (auto const& [row, how] : rows_)
      if (row == name || row.starts_with(name + ".")) result.emplace_back(row, how);
    return result;
  }
  /// How many were added, replaced ones too.
  std::size_t changes() const { return changes_; }
  /// All names, sorted.
  std::vector<std::string> names() const {
    std::set<std::string> result;
    for (auto const& [name, how] : rows_) result.insert(name);
    for (auto const& [name, how] : complex_rows_) result.insert(name);
    return {result.begin(), result.end()};
  }

 private:
  std::unordered_map<std::string, lowering> rows_, complex_rows_;
  std::size_t changes_ = 0;
};

}  // namespace constexport
