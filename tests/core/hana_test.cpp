// Tensor lists are Boost.Hana sequences: Hana's algorithms run on them and its laws hold.
#include <constexport/models/bert.hpp>
#include <constexport/models/gpt2.hpp>

#include <boost/hana.hpp>
#include <catch2/catch_test_macros.hpp>

namespace hana = boost::hana;
using namespace constexport;

namespace {

using extra = tensor<"inputs_embeds", dtype::float32, batch_size, sequence_length, hidden_size>;
constexpr auto list = BertOnnxConfig<>::inputs();
constexpr auto empty = tensors<>;
constexpr auto one = tensors<extra>;

// Concepts
static_assert(hana::Sequence<hana::tag_of_t<decltype(list)>>::value);
static_assert(hana::Foldable<hana::tag_of_t<decltype(list)>>::value);
static_assert(hana::Iterable<hana::tag_of_t<decltype(list)>>::value);
static_assert(hana::Searchable<hana::tag_of_t<decltype(list)>>::value);
static_assert(hana::Comparable<hana::tag_of_t<decltype(list)>>::value);
static_assert(hana::Monad<hana::tag_of_t<decltype(list)>>::value);
static_assert(hana::MonadPlus<hana::tag_of_t<decltype(list)>>::value);

// Algorithms
static_assert(hana::length(list) == hana::size_c<3>);
static_assert(hana::at_c<1>(list) == hana::type_c<attention_mask>);
static_assert(hana::front(list) == hana::type_c<input_ids>);
static_assert(hana::back(list) == hana::type_c<token_type_ids>);
static_assert(hana::concat(list, one) == (tensors<input_ids, attention_mask, token_type_ids, extra>));
static_assert(hana::contains(list, hana::type_c<token_type_ids>));
static_assert(hana::not_(hana::contains(list, hana::type_c<position_ids>)));
static_assert(hana::drop_front(list) == tensors<attention_mask, token_type_ids>);
static_assert(hana::drop_front(list, hana::size_c<9>) == empty);
static_assert(hana::is_empty(empty));
static_assert(hana::reverse(list) == tensors<token_type_ids, attention_mask, input_ids>);
static_assert(hana::append(list, hana::type_c<extra>) == hana::concat(list, one));
constexpr auto is_mask = [](auto type) { return hana::bool_c<decltype(type)::type::values.kind == value_kind::mask>; };
static_assert(hana::filter(list, is_mask) == tensors<attention_mask>);
static_assert(hana::find_if(list, is_mask) == hana::just(hana::type_c<attention_mask>));
static_assert(hana::to_tuple(list) == hana::tuple_t<input_ids, attention_mask, token_type_ids>);
constexpr auto to_int32 = [](auto type) { return hana::type_c<retyped<typename decltype(type)::type, dtype::int32>>; };
static_assert(decltype(hana::transform(list, to_int32))::at("input_ids").type() == dtype::int32);

// Laws: concat is associative with the empty list as its neutral element; equality is reflexive and symmetric; a
// sequence is its unpacked elements made again.
static_assert(hana::concat(empty, list) == list);
static_assert(hana::concat(list, empty) == list);
static_assert(hana::concat(hana::concat(list, one), list) == hana::concat(list, hana::concat(one, list)));
static_assert(hana::equal(list, list));
static_assert(hana::not_equal(list, one) == hana::not_equal(one, list));
static_assert(hana::unpack(list, hana::make<tensor_list_tag>) == list);
static_assert(hana::length(hana::concat(list, one)) == hana::length(list) + hana::length(one));
static_assert(hana::transform(list, hana::id) == list);
static_assert(hana::concat(one, hana::drop_front(list, hana::size_c<0>)) == hana::concat(one, list));

// Symbols are keys and bindings their values in a hana::map.
constexpr auto sizes =
    hana::make_map(hana::make_pair(batch_size, batch_size = 4), hana::make_pair(num_layers, num_layers = 2));
static_assert(sizes[batch_size].value == 4 && sizes[num_layers].value == 2);
static_assert(hana::contains(sizes, batch_size));
static_assert(hana::not_(hana::contains(sizes, sequence_length)));

}  // namespace

TEST_CASE("hana::for_each visits the tensors in order") {
  std::string names;
  hana::for_each(list, [&](auto type) { names += std::string(decltype(type)::type::name) + ' '; });
  CHECK(names == "input_ids attention_mask token_type_ids ");
}

TEST_CASE("a repeat stays one element of the list") {
  using config = GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>;
  CHECK(hana::length(config::inputs()) == hana::size_c<4>);
  CHECK(count_tensors(config::contract().inputs, config{num_layers = 96}.bind().sizes()) == 3 + 2 * 96);
}
