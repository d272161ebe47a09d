/// tools/constexport/listing.hpp: the models of the catalogue with their tasks.
#pragma once

#include "columns.hpp"
#include "request.hpp"

#include <nlohmann/json.hpp>

namespace constexport::command {

/// One model type of one library.
struct listed_model {
  std::string library, model_type, class_name;
  std::vector<std::string> tasks{}, variants{}, parts{};
};

/// The models of a library that have a task; empty: of any. Throws usage_error where there is no such library or task.
inline std::vector<listed_model> list_models(std::span<entry const> catalogue, std::string const& library,
                                             std::string const& task) {
  std::vector<listed_model> models;
  auto const add = [](std::vector<std::string>& to, std::string text) {
    if (!text.empty() && std::ranges::find(to, text) == to.end()) to.push_back(std::move(text));
  };
  std::vector<std::string> libraries, tasks;
  for (entry const& each : catalogue) {
    contract_identity const& identity = each.table->identity;
    add(libraries, std::string(identity.library));
    add(tasks, task_of(identity));
    if (!library.empty() && identity.library != library) continue;
    auto found = std::ranges::find_if(models, [&](listed_model const& model) {
      return model.library == identity.library && model.model_type == identity.model_type;
    });
    if (found == models.end())
      found = models.insert(models.end(), listed_model{std::string(identity.library), std::string(identity.model_type),
                                                       std::string(identity.class_name)});
    add(found->tasks, task_of(identity));
    add(found->variants, std::string(identity.variant));
    add(found->parts, std::string(identity.part));
  }
  if (!library.empty() && std::ranges::find(libraries, library) == libraries.end())
    throw usage_error("unknown library \"" + library + "\"; nearest: " + joined(nearest(library, libraries), ", "));
  if (!task.empty() && std::ranges::find(tasks, task) == tasks.end())
    throw usage_error("unknown task \"" + task + "\"; nearest: " + joined(nearest(task, tasks), ", "));
  if (!task.empty())
    std::erase_if(models,
                  [&](listed_model const& model) { return std::ranges::find(model.tasks, task) == model.tasks.end(); });
  for (listed_model& model : models) std::ranges::sort(model.tasks);
  std::ranges::stable_sort(models, {},
                           [](listed_model const& model) { return std::pair(model.library, model.model_type); });
  return models;
}

inline nlohmann::ordered_json to_json(std::vector<listed_model> const& models) {
  nlohmann::ordered_json result = nlohmann::ordered_json::array();
  for (listed_model const& model : models)
    result.push_back({{"library", model.library},
                      {"model_type", model.model_type},
                      {"class", model.class_name},
                      {"tasks", model.tasks},
                      {"variants", model.variants},
                      {"parts", model.parts}});
  return result;
}

/// A line per model. A task that also comes with past is written once, as `text-generation[-with-past]`.
inline std::string to_table(std::vector<listed_model> const& models, palette const& colours, std::size_t width) {
  rows_of_text rows{
      {colours.heading("library"), colours.heading("model type"), colours.heading("class"), colours.heading("tasks")}};
  for (listed_model const& model : models) {
    auto const has = [&](std::string const& task) { return std::ranges::find(model.tasks, task) != model.tasks.end(); };
    std::vector<std::string> tasks;
    for (std::string const& task : model.tasks) {
      if (has(task + std::string(past_suffix)))
        tasks.push_back(task + "[" + std::string(past_suffix) + "]");
      else if (!task.ends_with(past_suffix) || !has(task.substr(0, task.size() - past_suffix.size())))
        tasks.push_back(task);
    }
    rows.push_back({model.library, colours.axis(model.model_type), model.class_name, joined(tasks, ", ")});
  }
  return aligned(rows, 0, width);
}

}  // namespace constexport::command
