/// config/enumerate.hpp: every legal configuration of a model: its tasks, with and without past, behaviors, parts and
/// variants.
///
/// Room: config. Includes core/ and config/. Tests assert over all of them; the command lists them.
#pragma once

#include <constexport/config/onnx_config.hpp>

#include <cstddef>
#include <string_view>
#include <utility>

namespace constexport {
namespace detail {

// A name that is a constant, as a template argument.
template <class Text>
inline constexpr auto exact_text = [] {
  constexpr std::string_view view = Text::value();
  char text[view.size() + 1]{};
  for (std::size_t i = 0; i < view.size(); ++i) text[i] = view[i];
  return fixed_string(text);
}();

template <class Config, std::size_t Index>
struct task_name {
  static constexpr std::string_view value() { return Config::tasks[Index].task; }
};
template <class Config, std::size_t Index>
struct part_text {
  static constexpr std::string_view value() { return Config::parts[Index]; }
};
template <class Config, std::size_t Index>
struct variant_text {
  static constexpr std::string_view value() { return Config::variants[Index]; }
};

// Calls `visit` with every legal configuration of Model<Chosen..., behavior, past flags>.
template <template <auto...> class Model, auto... Chosen, class Visit>
constexpr void visit_past(Visit& visit) {
  auto const legal = [&]<class Config>(Config config) {
    if constexpr (Config::is_legal()) visit(config);
  };
  legal(Model<Chosen...>{});
  legal(Model<Chosen..., use_past>{});
  legal(Model<Chosen..., use_past, use_past_in_inputs>{});
}

template <template <auto...> class Model, auto... Chosen, class Visit>
constexpr void visit_behaviors(Visit& visit) {
  if constexpr (Model<>::has_behaviors) {
    visit_past<Model, Chosen..., monolith>(visit);
    visit_past<Model, Chosen..., encoder>(visit);
    visit_past<Model, Chosen..., decoder>(visit);
  } else {
    visit_past<Model, Chosen...>(visit);
  }
}

template <template <auto...> class Model, auto... Chosen, class Visit>
constexpr void visit_parts(Visit& visit) {
  if constexpr (Model<>::parts.empty())
    visit_behaviors<Model, Chosen...>(visit);
  else
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (visit_behaviors<Model, Chosen..., constexport::part<exact_text<part_text<Model<>, Index>>>>(visit), ...);
    }(std::make_index_sequence<Model<>::parts.size()>{});
}

template <template <auto...> class Model, auto... Chosen, class Visit>
constexpr void visit_variants(Visit& visit) {
  if constexpr (Model<>::variants.size() == 1)
    visit_parts<Model, Chosen...>(visit);
  else
    [&]<std::size_t... Index>(std::index_sequence<Index...>) {
      (visit_parts<Model, Chosen..., variant<exact_text<variant_text<Model<>, Index>>>>(visit), ...);
    }(std::make_index_sequence<Model<>::variants.size()>{});
}

}  // namespace detail

/// Calls `visit(config)` with every legal configuration of a model, by default parameters: each task of `tasks`, each
/// of `variants`, `parts` and behaviors, without past, with past in the outputs, and with past in both.
template <template <auto...> class Model, class Visit>
constexpr void for_each_configuration(Visit&& visit) {
  [&]<std::size_t... Index>(std::index_sequence<Index...>) {
    (detail::visit_variants<Model, task_tag<detail::exact_text<detail::task_name<Model<>, Index>>>{}>(visit), ...);
  }(std::make_index_sequence<Model<>::tasks.size()>{});
}

}  // namespace constexport
