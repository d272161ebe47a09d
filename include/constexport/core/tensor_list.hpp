/// core/tensor_list.hpp: lists of tensors: packs inside, Boost.Hana sequences outside.
///
/// Room: core. Includes Hana's `fwd/` headers and freestanding standard headers. The configurations compose their
/// inputs and outputs with the pack operations at the end (14 ms a configuration with packs against 165 ms with
/// hana::tuple); users may use every algorithm that Hana has for sequences.
#pragma once

#include <constexport/core/tensor.hpp>

#include <boost/hana/bool.hpp>
#include <boost/hana/fwd/at.hpp>
#include <boost/hana/fwd/concept/sequence.hpp>
#include <boost/hana/fwd/core/make.hpp>
#include <boost/hana/fwd/core/tag_of.hpp>
#include <boost/hana/fwd/drop_front.hpp>
#include <boost/hana/fwd/is_empty.hpp>
#include <boost/hana/fwd/length.hpp>
#include <boost/hana/fwd/unpack.hpp>
#include <boost/hana/integral_constant.hpp>
#include <boost/hana/type.hpp>

#include <cstddef>
#include <utility>

namespace constexport {

struct contract;
struct tensor_view;

/// Hana tag of a tensor list.
struct tensor_list_tag {};

namespace detail {
template <class List>
struct list_table;  // contract.hpp
}

/// A list of tensors, `repeat`s and `when`s. As a Boost.Hana sequence its elements are `hana::type`s.
template <class... T>
struct tensor_list {
  using hana_tag = tensor_list_tag;
  static constexpr std::size_t size() { return sizeof...(T); }

  /// The tensor called `name` (with `*` for the number of the layer). Not a constant expression if there is none.
  static constexpr tensor_view at(std::string_view name);
  /// Is there a tensor called `name`?
  static constexpr bool contains(std::string_view name);

  template <class... U>
  friend constexpr boost::hana::bool_<std::is_same_v<tensor_list, tensor_list<U...>>> operator==(tensor_list,
                                                                                                 tensor_list<U...>) {
    return {};
  }
  template <class... U>
  friend constexpr boost::hana::bool_<!std::is_same_v<tensor_list, tensor_list<U...>>> operator!=(tensor_list,
                                                                                                  tensor_list<U...>) {
    return {};
  }
};

/// The list of `T...`.
template <class... T>
inline constexpr tensor_list<T...> tensors{};

namespace detail {

template <std::size_t Index, class T>
struct slot {
  using type = T;
};
template <class Indices, class... T>
struct slots;
template <std::size_t... Index, class... T>
struct slots<std::index_sequence<Index...>, T...> : slot<Index, T>... {};
template <std::size_t Index, class T>
slot<Index, T> pick(slot<Index, T>);
template <std::size_t Index, class... T>
using nth = typename decltype(pick<Index>(slots<std::index_sequence_for<T...>, T...>{}))::type;

template <std::size_t Count, class... T, std::size_t... Index>
constexpr auto drop(tensor_list<T...>, std::index_sequence<Index...>) {
  return tensor_list<nth<Count + Index, T...>...>{};
}

template <class... Lists>
struct joined;
template <>
struct joined<> {
  using type = tensor_list<>;
};
template <class... T>
struct joined<tensor_list<T...>> {
  using type = tensor_list<T...>;
};
template <class... T, class... U, class... Rest>
struct joined<tensor_list<T...>, tensor_list<U...>, Rest...> : joined<tensor_list<T..., U...>, Rest...> {};

template <template <class> class F, class T>
struct mapped {
  using type = F<T>;
};
template <template <class> class F, auto Count, class... T>
struct mapped<F, repeat<Count, T...>> {
  using type = repeat<Count, typename mapped<F, T>::type...>;
};
template <template <class> class F, auto Condition, class... T>
struct mapped<F, when<Condition, T...>> {
  using type = when<Condition, typename mapped<F, T>::type...>;
};

}  // namespace detail

/// `T...` of one list followed by those of the others.
template <class... Lists>
constexpr auto join(Lists...) {
  return typename detail::joined<Lists...>::type{};
}

/// The tensors of a list, present only if `Condition` is not zero.
template <auto Condition, class... T>
constexpr auto only_if(tensor_list<T...>) {
  return tensor_list<when<Condition, T...>>{};
}

/// Every tensor `T` of the list, also within `repeat` and `when`, replaced by `F<T>`.
template <template <class> class F, class... T>
constexpr auto map(tensor_list<T...>) {
  return tensor_list<typename detail::mapped<F, T>::type...>{};
}

}  // namespace constexport

namespace boost::hana {

template <>
struct Sequence<constexport::tensor_list_tag> {
  static constexpr bool value = true;
};
template <>
struct make_impl<constexport::tensor_list_tag> {
  template <class... T>
  static constexpr auto apply(T const&...) {
    return constexport::tensor_list<typename T::type...>{};
  }
};
template <>
struct unpack_impl<constexport::tensor_list_tag> {
  template <class... T, class F>
  static constexpr decltype(auto) apply(constexport::tensor_list<T...>, F&& f) {
    return static_cast<F&&>(f)(hana::type_c<T>...);
  }
};
template <>
struct length_impl<constexport::tensor_list_tag> {
  template <class... T>
  static constexpr auto apply(constexport::tensor_list<T...>) {
    return hana::size_c<sizeof...(T)>;
  }
};
template <>
struct is_empty_impl<constexport::tensor_list_tag> {
  template <class... T>
  static constexpr auto apply(constexport::tensor_list<T...>) {
    return hana::bool_c<sizeof...(T) == 0>;
  }
};
template <>
struct at_impl<constexport::tensor_list_tag> {
  template <class... T, class N>
  static constexpr auto apply(constexport::tensor_list<T...>, N const&) {
    return hana::type_c<constexport::detail::nth<N::value, T...>>;
  }
};
template <>
struct drop_front_impl<constexport::tensor_list_tag> {
  template <class... T, class N>
  static constexpr auto apply(constexport::tensor_list<T...> list, N const&) {
    constexpr std::size_t dropped = N::value < sizeof...(T) ? N::value : sizeof...(T);
    return constexport::detail::drop<dropped>(list, std::make_index_sequence<sizeof...(T) - dropped>{});
  }
};

}  // namespace boost::hana
