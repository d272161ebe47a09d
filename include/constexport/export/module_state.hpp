/// export/module_state.hpp: a module's mode, weights and threads while it is exported.
///
/// Room: export. Includes module.hpp. export.hpp, ask_axes.hpp and verify.hpp run modules with it.
#pragma once

#include <constexport/export/child_process.hpp>
#include <constexport/export/module.hpp>

#include <ATen/Parallel.h>

#include <exception>
#include <string>
#include <utility>
#include <vector>

namespace constexport::detail {

/// Evaluation mode while it lives.
class evaluation_mode {
 public:
  explicit evaluation_mode(torch::nn::Module* module) {
    if (module == nullptr) return;
    // `modules()` wants a shared pointer to the root, which a module on the stack does not have.
    visit(*module);
    for (auto const& [each, training] : before_)
      if (training) each->train(false);
  }
  evaluation_mode(evaluation_mode const&) = delete;
  evaluation_mode& operator=(evaluation_mode const&) = delete;
  ~evaluation_mode() {
    // A parent sets its children too, so children come last.
    for (auto const& [each, training] : before_)
      if (each->is_training() != training) each->train(training);
  }
  bool was_training() const {
    for (auto const& [each, training] : before_)
      if (training) return true;
    return false;
  }

 private:
  void visit(torch::nn::Module& module) {
    before_.emplace_back(&module, module.is_training());
    for (auto const& child : module.children()) visit(*child);
  }
  std::vector<std::pair<torch::nn::Module*, bool>> before_;
};

inline std::vector<named_tensor> state_of(exportable const& what) {
  torch::nn::Module* const module = what.module;
  if (module == nullptr) return what.state;
  std::vector<named_tensor> result;
  for (auto const& each : module->named_parameters()) result.push_back({each.key(), each.value()});
  for (auto const& each : module->named_buffers()) result.push_back({each.key(), each.value()});
  for (named_tensor const& each : result)
    if (each.value.defined() && !each.value.device().is_cpu())
      throw module_error("The module's \"" + each.name +
                         "\" is not in main memory. Move the module there first: "
                         "module->to(torch::kCPU).");
  return result;
}

inline std::string message_of(std::exception const& error) {
  if (auto const* const known = dynamic_cast<c10::Error const*>(&error)) return known->what_without_backtrace();
  return error.what();
}

/// One thread while it lives: recordings are small, and threads that wait for each other cost more than they bring.
class single_thread {
 public:
  single_thread() : before_(at::get_num_threads()) { at::set_num_threads(1); }
  single_thread(single_thread const&) = delete;
  single_thread& operator=(single_thread const&) = delete;
  ~single_thread() { at::set_num_threads(before_); }

 private:
  int before_;
};

/// What became of `work` in a child; module_error if it had to be ended, because then any other size would take as
/// long.
template <class Work>
child_outcome try_in_child(Work&& work, double seconds) {
  child_outcome outcome = in_child(work, seconds);
  if (outcome.timed_out)
    throw module_error("The module does not come to an end: " + outcome.message +
                       ". A loop in it may run for ever; if it only takes long, allow more time "
                       "(export_options::child_seconds; --time-limit SECONDS).");
  return outcome;
}

/// Does `work` do without an exception? In a child if `seconds` is above 0.
template <class Work>
bool succeeds(Work&& work, double seconds) {
  if (seconds > 0) return try_in_child(work, seconds).ok;
  try {
    work();
    return true;
  } catch (std::exception const&) {
    return false;
  }
}

}  // namespace constexport::detail
