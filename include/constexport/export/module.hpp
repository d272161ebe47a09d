/// export/module.hpp: any LibTorch module or callable as one function on a vector of tensors.
///
/// Room: export. Includes LibTorch's nn::Module. These templates are all that depends on a module's type: behind
/// `exportable` everything is plain functions.
#pragma once

#include <constexport/adapters/torch.hpp>
#include <constexport/export/error.hpp>
#include <constexport/export/record.hpp>

#include <torch/nn/module.h>

#include <concepts>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

namespace constexport {

/// What is exported: a function, and whose parameters it uses.
struct exportable {
  forward_function forward;
  torch::nn::Module* module = nullptr;  ///< may be null
  std::vector<named_tensor> state{};    ///< parameters and buffers of what is no torch::nn::Module
  /// Numbers that it reads out of tensors steer nothing (its program has been looked at), so they can be followed.
  bool follows_numbers = false;
  /// Where in the module a call is made, if that is known.
  std::function<std::string()> where{};
};

namespace detail {

inline constexpr std::size_t max_arguments = 16;

template <class F, std::size_t... Index>
constexpr bool takes(std::index_sequence<Index...>) {
  return std::is_invocable_v<F&, decltype((void(Index), std::declval<at::Tensor&>()))...>;
}

template <class F>
constexpr bool takes_list = std::is_invocable_v<F&, std::vector<at::Tensor>&>;

template <class F, std::size_t... Count>
constexpr bool takes_some(std::index_sequence<Count...>) {
  return (takes<F>(std::make_index_sequence<Count + 1>{}) || ...);
}

inline void collect(std::vector<at::Tensor>& into, at::Tensor const& result) { into.push_back(result); }
template <class... T>
void collect(std::vector<at::Tensor>& into, std::tuple<T...> const& results);
template <class A, class B>
void collect(std::vector<at::Tensor>& into, std::pair<A, B> const& results);
template <class Range>
  requires requires(Range const& range) { range.begin() != range.end(); }
void collect(std::vector<at::Tensor>& into, Range const& results) {
  for (auto const& each : results) collect(into, each);
}
template <class... T>
void collect(std::vector<at::Tensor>& into, std::tuple<T...> const& results) {
  std::apply([&](auto const&... each) { (collect(into, each), ...); }, results);
}
template <class A, class B>
void collect(std::vector<at::Tensor>& into, std::pair<A, B> const& results) {
  collect(into, results.first);
  collect(into, results.second);
}

template <std::size_t Count = max_arguments, class F>
std::vector<at::Tensor> call_with(F& function, std::vector<at::Tensor>& inputs) {
  std::vector<at::Tensor> results;
  if constexpr (Count > 0) {
    if constexpr (takes<F>(std::make_index_sequence<Count>{}))
      if (inputs.size() == Count) {
        [&]<std::size_t... Index>(std::index_sequence<Index...>) {
          collect(results, function(inputs[Index]...));
        }(std::make_index_sequence<Count>{});
        return results;
      }
    return call_with<Count - 1>(function, inputs);
  } else if constexpr (takes_list<F>) {
    collect(results, function(inputs));
    return results;
  } else {
    throw contract_mismatch(
        "The contract has " + std::to_string(inputs.size()) +
        " inputs, but the module's forward cannot be called with as many tensors. Use the configuration "
        "that belongs to the module, or a forward that takes one std::vector<at::Tensor>.");
  }
}

template <class F>
forward_function erase(F function) {
  static_assert(takes_list<F> || takes_some<F>(std::make_index_sequence<max_arguments>{}),
                "constexport: a module is exported through a forward that takes 1 to 16 tensors or one "
                "std::vector<at::Tensor>; this one does neither. Wrap it in a lambda that does.");
  return [function = std::move(function)](std::vector<at::Tensor> const& inputs) mutable {
    std::vector<at::Tensor> arguments = inputs;
    return call_with(function, arguments);
  };
}

/// A module's forward as a function object; a lambda with a pack in its return type crashes clang 16.
template <class M>
struct module_call {
  M* module;
  template <class... T>
  auto operator()(T&... inputs) const -> decltype(std::declval<M&>().forward(inputs...)) {
    return module->forward(inputs...);
  }
};

template <class M>
exportable from_module(M& module) {
  return {erase(module_call<M>{&module}), &module};
}

}  // namespace detail

/// A module (by reference, holder or shared pointer) or a callable. Its arguments are the contract's inputs in order,
/// or all of them in one vector; its result is a tensor, or a tuple or vector of tensors.
template <class M>
exportable make_exportable(M&& module) {
  using type = std::remove_cvref_t<M>;
  if constexpr (std::is_same_v<type, exportable>) {
    return module;
  } else if constexpr (std::is_base_of_v<torch::nn::Module, type>) {
    return detail::from_module(const_cast<type&>(module));
  } else if constexpr (requires {
                         { *module } -> std::convertible_to<torch::nn::Module const&>;
                       }) {
    return detail::from_module(const_cast<std::remove_cvref_t<decltype(*module)>&>(*module));
  } else {
    return {detail::erase<type>(std::forward<M>(module)), nullptr};
  }
}

}  // namespace constexport
