/// tools/constexport/register.hpp: makes entries of a list of models. Only the translation units of the modalities
/// include it.
#pragma once

#include "catalogue.hpp"
#include <constexport/config/enumerate.hpp>
#include <constexport/models.hpp>

namespace constexport::command {

template <template <auto...> class Model>
void add_model(entries& all) {
  for_each_configuration<Model>([&]<class Config>(Config const&) {
    constexpr auto overrides = Config::values_override();
    constexpr auto input_map = Config::torch_to_onnx_input_map();
    constexpr auto output_map = Config::torch_to_onnx_output_map();
    all.push_back({&Config::contract(),
                   Config::has_behaviors,
                   {overrides.begin(), overrides.end()},
                   {input_map.begin(), input_map.end()},
                   {output_map.begin(), output_map.end()}});
  });
}

template <template <auto...> class... Models>
void add_models(entries& all, model_list<Models...>) {
  (add_model<Models>(all), ...);
}

}  // namespace constexport::command
