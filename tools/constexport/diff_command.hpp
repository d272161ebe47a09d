/// tools/constexport/diff_command.hpp: `constexport diff`.
#pragma once

#include "contract_of_onnx.hpp"
#include "findings.hpp"
#include "onnx_file.hpp"
#include "output.hpp"
#include "selection.hpp"
#include <constexport/check/compare.hpp>
#include <constexport/check/file_interface.hpp>

#include <cstdio>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace constexport::command {

struct diff_arguments {
  std::string before, after, format = "table";
};

inline void add_diff(CLI::App& to, diff_arguments& given) {
  to.add_option("old", given.before, "What consumers have: FILE.onnx, a contract file, or MODEL_TYPE:TASK")
      ->required()
      ->type_name("OLD");
  to.add_option("new", given.after, "What they would get")->required()->type_name("NEW");
  to.add_option("--format", given.format, "table (the default), json or markdown")
      ->check(CLI::IsMember({"table", "json", "markdown"}))
      ->type_name("FORMAT");
  to.footer(
      "MODEL_TYPE:TASK may go on as t5:text2text-generation:behavior=decoder:config=config.json.\n"
      "Exit codes: 0 equal or compatible, 1 breaking, 2 something cannot be read.");
}

namespace detail {

// "gpt2:text-generation:config=config.json"
inline selection parse_selection(std::string const& text) {
  selection result;
  std::size_t at = 0;
  for (int part = 0; at <= text.size(); ++part) {
    std::size_t const colon = std::min(text.find(':', at), text.size());
    std::string const word = text.substr(at, colon - at);
    at = colon + 1;
    if (part == 0) {
      result.wanted.model_type = word;
    } else if (part == 1) {
      result.wanted.task = word;
    } else {
      std::size_t const sign = word.find('=');
      std::string const key = word.substr(0, sign), value = sign == std::string::npos ? "" : word.substr(sign + 1);
      std::string* const into = key == "library"        ? &result.wanted.library
                                : key == "behavior"     ? &result.wanted.behavior
                                : key == "part"         ? &result.wanted.part
                                : key == "variant"      ? &result.wanted.variant
                                : key == "config"       ? &result.config
                                : key == "preprocessor" ? &result.preprocessor
                                                        : nullptr;
      if (into == nullptr || value.empty())
        throw usage_error("\"" + text + "\": \"" + word +
                          "\" is none of library=, behavior=, part=, variant=, config=, preprocessor=");
      *into = value;
    }
  }
  return result;
}

// What begins like JSON is a contract file.
inline bool is_json(std::string const& path) {
  std::FILE* const file = std::fopen(path.c_str(), "rb");
  if (file == nullptr) return false;
  int c = std::fgetc(file);
  while (c == ' ' || c == '\n' || c == '\r' || c == '\t') c = std::fgetc(file);
  std::fclose(file);
  return c == '{';
}

// One side: a contract, or a file.
struct side {
  std::string text;
  std::unique_ptr<contract_file> read{};
  chosen_contract chosen{};
  std::unique_ptr<onnx_file> file{};

  std::optional<bound_contract> contract() const {
    if (file) return {};
    return read ? read->bound() : chosen.bound();
  }
};

inline side read_side(std::string const& text) {
  std::error_code ignored;
  bool const exists = std::filesystem::exists(text, ignored);
  side result{text};
  if (!exists && text.find(':') != std::string::npos && text.find('/') > text.find(':'))
    result.chosen = choose(parse_selection(text));
  else if (exists && is_json(text))
    result.read = read_contract_file(text);
  else
    result.file = std::make_unique<onnx_file>(text);
  return result;
}

// A file without metadata may call sizes as the contract on the other side does.
inline model_interface interface_of(side const& of, std::optional<bound_contract> const& other) {
  if (std::optional<bound_contract> const own = of.contract()) return constexport::interface_of(*own);
  file_interface read = constexport::interface_of(of.file->model(), other ? &*other : nullptr);
  warn_of_metadata(of.text, read);
  return std::move(read.shown);
}

inline std::string places_as_code(std::vector<std::string> const& places) {
  std::vector<std::string> result;
  for (std::string const& each : places) result.push_back(markdown_code(each));
  return places_text(result);
}

inline std::string verdict(std::size_t breaking, std::size_t compatible) {
  if (breaking + compatible == 0) return "equal";
  std::string result = breaking > 0 ? counted(breaking, "breaking change") : "compatible";
  if (compatible > 0) result += ", " + counted(compatible, breaking > 0 ? "compatible one" : "change");
  return result;
}

}  // namespace detail

/// Whether NEW breaks consumers of OLD: an exit code.
inline int run_diff(diff_arguments const& given) {
  detail::side const old_side = detail::read_side(given.before), new_side = detail::read_side(given.after);
  model_interface const before = detail::interface_of(old_side, new_side.contract());
  model_interface const after = detail::interface_of(new_side, old_side.contract());
  std::vector<change> changes = compare(before, after);
  if (old_side.file && new_side.file && before.is_contract && !after.is_contract)
    changes.push_back({change_kind::contract_gone, false, {"metadata"}, {}, {}});
  std::ranges::stable_sort(changes, [](change const& a, change const& b) { return a.is_breaking && !b.is_breaking; });
  auto const breaking = static_cast<std::size_t>(std::ranges::count_if(changes, &change::is_breaking));
  std::string const verdict = detail::verdict(breaking, changes.size() - breaking);
  std::string text;
  if (given.format == "json") {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (change const& each : changes) {
      change_row const row = row_of(each.kind);
      list.push_back({{"class", each.is_breaking ? "breaking" : "compatible"},
                      {"id", row.id},
                      {"places", each.places},
                      {"before", each.before},
                      {"after", each.after},
                      {"message", row.what},
                      {"hint", row.hint}});
    }
    text =
        dumped({{"old", given.before}, {"new", given.after}, {"breaking", breaking > 0}, {"changes", std::move(list)}});
  } else if (given.format == "markdown") {
    text = "**" + verdict + "** from " + markdown_code(given.before) + " to " + markdown_code(given.after) + "\n";
    if (!changes.empty()) text += "\n| | change | where | old | new |\n|---|---|---|---|---|\n";
    for (change const& each : changes)
      text += std::string("| ") + (each.is_breaking ? "**breaking**" : "compatible") + " | " +
              std::string(row_of(each.kind).what) + " | " + detail::places_as_code(each.places) + " | " +
              markdown_code(each.before) + " | " + markdown_code(each.after) + " |\n";
  } else {
    palette const colours = colours_of_output();
    rows_of_text rows;
    for (change const& each : changes) {
      change_row const row = row_of(each.kind);
      std::string const values =
          each.before.empty() && each.after.empty() ? "" : ": " + each.before + " -> " + each.after;
      rows.push_back({colours.paint(each.is_breaking ? "31" : "2", each.is_breaking ? "breaking" : "compatible"),
                      row.id, colours.axis(places_text(each.places)),
                      std::string(row.what) + values + (each.is_breaking ? "; " + std::string(row.hint) : "")});
    }
    text = verdict + "\n" + aligned(rows, 2, width_of_output());
  }
  int const written = put(text);
  return written != 0 ? 2 : breaking > 0 ? 1 : 0;
}

}  // namespace constexport::command
