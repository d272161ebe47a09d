/// tools/constexport/request.hpp: which configuration is asked for, and which one that is.
#pragma once

#include "catalogue.hpp"
#include "nearest.hpp"
#include "text_file.hpp"

#include <algorithm>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace constexport::command {

inline constexpr std::string_view past_suffix = "-with-past";

/// What `show` was asked for. Empty: not said.
struct request {
  std::string model_type;
  std::string task;
  std::string library{};
  std::string behavior{};
  std::string part{};
  std::string variant{};
  bool past_in_inputs = true;  ///< if the task has past at all
};

/// The name of a task with its past: "text-generation-with-past".
inline std::string task_of(contract_identity const& identity) {
  return std::string(identity.task) + (identity.use_past ? std::string(past_suffix) : "");
}

/// The behavior of a configuration, empty where it has none: of a model that is no encoder-decoder, and of a part that
/// is neither its encoder nor its decoder.
inline std::string_view behavior_of(entry const& each) {
  contract_identity const& identity = each.table->identity;
  bool const is_other_part = !identity.part.empty() && identity.behavior == "monolith";
  return each.has_behaviors && !is_other_part ? identity.behavior : std::string_view{};
}

namespace detail {

using candidates = std::vector<entry const*>;

// The different values that `of` has in `from`, in order of appearance.
template <class Of>
std::vector<std::string> values_of(candidates const& from, Of of) {
  std::vector<std::string> values;
  for (entry const* each : from)
    if (std::string value(of(*each)); std::ranges::find(values, value) == values.end()) values.push_back(value);
  return values;
}

// Keeps those for which `of` is `wanted`; the message lists what there is.
template <class Of>
void keep(candidates& from, Of of, std::string const& wanted, std::string const& what, std::string const& whose) {
  candidates kept;
  for (entry const* each : from)
    if (of(*each) == wanted) kept.push_back(each);
  if (kept.empty()) {
    std::vector<std::string> values = values_of(from, of);
    std::erase(values, "");
    throw usage_error("no " + what + " \"" + wanted + "\" of " + whose +
                      (values.empty() ? ": it has none" : "; there is: " + joined(nearest(wanted, values, 100), ", ")));
  }
  from = kept;
}

// As `keep`, but changes nothing where nothing would be left.
template <class Wanted>
void prefer(candidates& from, Wanted wanted) {
  candidates kept;
  for (entry const* each : from)
    if (wanted(*each)) kept.push_back(each);
  if (!kept.empty()) from = kept;
}

}  // namespace detail

/// The entry that is asked for. Throws usage_error, which lists what comes nearest to a wrong name.
inline entry const& select(std::span<entry const> catalogue, request const& wanted) {
  using identity = contract_identity;
  auto const of = [](std::string_view identity::*member) {
    return [member](entry const& each) -> std::string_view { return each.table->identity.*member; };
  };
  detail::candidates found;
  for (entry const& each : catalogue) found.push_back(&each);
  if (!wanted.library.empty()) detail::keep(found, of(&identity::library), wanted.library, "library", "constexport");

  detail::candidates const all = found;
  std::erase_if(found, [&](entry const* each) { return each->table->identity.model_type != wanted.model_type; });
  if (found.empty()) {
    std::vector<std::string> const close =
        nearest(wanted.model_type, detail::values_of(all, of(&identity::model_type)));
    throw usage_error("unknown model type \"" + wanted.model_type + "\"; nearest: " + joined(close, ", ") +
                      ". \"constexport list\" shows all");
  }

  // "decoder/10" is a part with its flags of past, as Optimum's exporter goes through them.
  std::string part = wanted.part;
  bool use_past = wanted.task.ends_with(past_suffix), past_in_inputs = use_past && wanted.past_in_inputs;
  if (std::size_t const slash = part.find('/'); slash != std::string::npos) {
    std::string const flags = part.substr(slash + 1);
    if (flags != "00" && flags != "10" && flags != "11")
      throw usage_error("part \"" + part + "\": the flags of past after the slash are 00, 10 or 11");
    use_past = flags[0] == '1';
    past_in_inputs = flags[1] == '1';
    part.resize(slash);
  }

  std::string const task =
      wanted.task.ends_with(past_suffix) ? wanted.task.substr(0, wanted.task.size() - past_suffix.size()) : wanted.task;
  std::vector<std::string> const tasks =
      detail::values_of(found, [](entry const& each) { return task_of(each.table->identity); });
  if (std::ranges::find(tasks, wanted.task) == tasks.end())
    throw usage_error("model type \"" + wanted.model_type + "\" has no task \"" + wanted.task +
                      "\"; it has, nearest first: " + joined(nearest(wanted.task, tasks, 100), ", "));
  std::erase_if(found, [&](entry const* each) { return each->table->identity.task != task; });
  // One model type can belong to several libraries; transformers is meant where none is named.
  if (wanted.library.empty()) {
    std::vector<std::string> const libraries = detail::values_of(found, of(&identity::library));
    bool const usual = std::ranges::find(libraries, "transformers") != libraries.end();
    detail::keep(found, of(&identity::library), usual ? "transformers" : libraries.front(), "library", "constexport");
  }

  std::string const whose = "\"" + wanted.model_type + "\" for " + wanted.task;
  std::string const variant =
      wanted.variant.empty() ? std::string(found.front()->table->identity.variant) : wanted.variant;
  detail::keep(found, of(&identity::variant), variant, "variant", whose);
  if (!wanted.behavior.empty())
    detail::keep(
        found, [](entry const& each) { return behavior_of(each); }, wanted.behavior, "behavior", whose);
  if (wanted.part.empty()) part = std::string(found.front()->table->identity.part);
  detail::keep(found, of(&identity::part), part, "part", whose);
  if (wanted.behavior.empty())
    detail::prefer(found, [&](entry const& each) { return behavior_of(each) == "monolith"; });
  // An encoder has no past whatever its task is called; some decoders have nothing else.
  detail::prefer(found, [&](entry const& each) { return each.table->identity.use_past == use_past; });
  if (found.front()->table->identity.use_past) past_in_inputs = use_past ? past_in_inputs : wanted.past_in_inputs;
  detail::prefer(found, [&](entry const& each) { return each.table->identity.use_past_in_inputs == past_in_inputs; });
  return *found.front();
}

}  // namespace constexport::command
