/// check/check.hpp: an ONNX file against the contract that it is to keep.
///
/// Room: check. Includes core, onnx, the headers beside it and the standard library. The command `constexport check`
/// and adapters use it.
///   `sparse_file const file(path); auto const findings = check(file.bytes(), bound, {.folder = path.parent_path()});`
#pragma once

#include <constexport/check/compare.hpp>
#include <constexport/check/contract_interface.hpp>
#include <constexport/check/file_interface.hpp>
#include <constexport/check/file_problems.hpp>
#include <constexport/check/finding.hpp>
#include <constexport/check/target.hpp>
#include <constexport/core/contract.hpp>
#include <constexport/onnx/reader.hpp>

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport {

struct check_options {
  std::filesystem::path folder{};   ///< where the file lies: external data is beside it
  std::optional<target> runtime{};  ///< whose limits count
};

/// A difference from a contract, as a finding: what breaks a promise is an error, what leaves one open a warning.
inline file_finding finding_of(change const& each) {
  change_row const row = row_of(each.kind);
  file_finding result;
  bool const is_doubtful = each.is_breaking ? is_only_unstated(each.kind) : each.kind == change_kind::axes_exchanged;
  result.severity = is_doubtful ? level::warning : each.is_breaking ? level::error : level::note;
  result.id = std::string(row.id);
  result.places = each.places;
  result.message = std::string(row.what);
  if (!each.before.empty() || !each.after.empty()) result.message += ": " + each.after + " instead of " + each.before;
  result.hint = std::string(row.hint);
  return result;
}

/// What keeps the contract in a file's metadata from counting.
inline std::vector<file_finding> metadata_problems(file_interface const& file) {
  std::vector<file_finding> findings;
  if (!file.metadata)
    findings.push_back(
        {level::warning,
         "metadata-unreadable",
         {std::string(contract_key)},
         "the contract in the file's metadata cannot be read: " + std::string(text_of(file.metadata.error)),
         "export it again"});
  for (change const& each : file.contradictions) {
    file_finding found = finding_of(each);
    found.severity = level::error;
    found.id = "metadata-contradicts";
    found.message = "the graph is not what the file's metadata says: " + found.message;
    found.hint = "the graph was changed after it was exported: export it again, or remove the metadata";
    findings.push_back(std::move(found));
  }
  return findings;
}

namespace detail {

inline std::vector<file_finding> check(wire::model_view const& model, bound_contract const* wanted,
                                       check_options const& options) {
  std::vector<file_finding> findings = problems_of(model, options.folder, options.runtime);
  file_interface const file = interface_of(model, wanted);
  for (file_finding& each : metadata_problems(file)) findings.push_back(std::move(each));
  if (wanted != nullptr)
    for (change const& each : compare(interface_of(*wanted), file.shown)) findings.push_back(finding_of(each));
  std::vector<file_finding> sorted;
  for (level const severity : {level::error, level::warning, level::note})
    for (file_finding& each : findings)
      if (each.severity == severity) sorted.push_back(std::move(each));
  return sorted;
}

}  // namespace detail

/// What differs between a file and a contract, and what is wrong with the file itself; the gravest first. `read_model`
/// says beforehand whether the bytes can be read at all.
inline std::vector<file_finding> check(wire::model_view const& model, bound_contract const& wanted,
                                       check_options const& options = {}) {
  return detail::check(model, &wanted, options);
}

/// What is wrong with a file itself, and between its graph and the contract in its metadata.
inline std::vector<file_finding> check(wire::model_view const& model, check_options const& options = {}) {
  return detail::check(model, nullptr, options);
}

}  // namespace constexport
