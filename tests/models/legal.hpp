/// tests/models/legal.hpp: can every task of a list's models be exported, with past where the model says so?
#pragma once

#include <constexport/config/enumerate.hpp>
#include <constexport/models.hpp>

namespace constexport_tests {

template <template <auto...> class Model>
constexpr bool every_task_is_exported() {
  for (constexport::task_support const& task : Model<>::tasks) {
    bool plain = false, past = false;
    constexport::for_each_configuration<Model>([&]<class Config>(Config) {
      if (Config::task.name != task.task) return;
      bool const with_past = Config::contract().identity.use_past;
      (with_past ? past : plain) = true;
    });
    if (!plain || past != task.past) return false;
  }
  return true;
}

template <template <auto...> class... Models>
constexpr bool every_task_is_exported(constexport::model_list<Models...>) {
  return (every_task_is_exported<Models>() && ...);
}

}  // namespace constexport_tests
