/// Names of dimensions in files.
#include "../support/twice.hpp"
#include <constexport/core/table.hpp>
#include <constexport/onnx/dim_names.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>

using namespace constexport;

namespace {

struct batch_axis final : axis<batch_axis, "batch_size"> {};
struct sequence_axis final : axis<sequence_axis, "sequence_length"> {};
struct past_axis final : axis<past_axis, "past_sequence_length"> {};
struct height_axis final : axis<height_axis, "height"> {};
struct layers_parameter final : parameter<layers_parameter, "layers"> {};
struct sum_axis final : axis<sum_axis, "a_plus_b"> {};
struct odd_axis final : axis<odd_axis, "NonZero/0 count"> {};
struct digit_axis final : axis<digit_axis, "3d_size"> {};
struct made_axis final : axis<made_axis, "height_plus_1"> {};

inline constexpr batch_axis batch;
inline constexpr sequence_axis sequence;
inline constexpr past_axis past;
inline constexpr height_axis height;
inline constexpr layers_parameter layers;
inline constexpr sum_axis sum_named;
inline constexpr odd_axis odd;
inline constexpr digit_axis digit;
inline constexpr made_axis made;

// The name of one dimension, with `layers` = 3 and the axis `fixed` (if any) = 2.
template <auto Size>
constexpr bool is_named(std::string_view expected, std::string_view fixed = {}) {
  using table = detail::list_table<tensor_list<tensor<"x", dtype::int64, Size>>>;
  std::array<std::int64_t, max_symbols> values{};
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = unknown;
  for (std::size_t i = 0; i < table::symbols.size(); ++i) {
    if (table::symbols[i].name == "layers") values[i] = 3;
    if (table::symbols[i].name == fixed) values[i] = 2;
  }
  std::size_t at = 0;
  bool same = true;
  print_dim_identifier(table::rows[0].dims[0].size, table::symbols, values, [&](char c) {
    same = same && at < expected.size() && expected[at] == c;
    ++at;
  });
  return same && at == expected.size();
}

template <auto Size>
std::string name_of_size() {
  using table = detail::list_table<tensor_list<tensor<"x", dtype::int64, Size>>>;
  std::array<std::int64_t, max_symbols> values{};
  values.fill(unknown);
  std::string name;
  print_dim_identifier(table::rows[0].dims[0].size, table::symbols, values, [&](char c) { name += c; });
  return name;
}

}  // namespace

TEST_CASE("an axis has its own name, a compound expression one that can be read", "[dim_names]") {
  CHECK_TWICE([] {
    return is_named<batch>("batch_size") && is_named<past + sequence>("past_sequence_length_plus_sequence_length") &&
           is_named<height - int_c<1>>("height_minus_1") && is_named<int_c<2> * height>("height_times_2") &&
           is_named<batch * height>("batch_size_times_height") &&
           is_named<min(sequence, past)>("min_of_past_sequence_length_and_sequence_length");
  });
  CHECK_TWICE([] {
    return is_named<(height + int_c<1>) / int_c<2>>("open_height_plus_1_close_div_2") &&
           is_named<height + batch / int_c<2>>("height_plus_open_batch_size_div_2_close") &&
           is_named<max(batch + height, past * int_c<4>)>(
               "max_of_open_batch_size_plus_height_close_and_open_past_sequence_length_times_4_close");
  });
}

TEST_CASE("equal expressions have equal names, however they are spelled", "[dim_names]") {
  CHECK_TWICE([] {
    return is_named<sequence + past>("past_sequence_length_plus_sequence_length") &&
           is_named<height * int_c<2>>("height_times_2") && is_named<height + height>("height_times_2") &&
           is_named<(height - int_c<1>) / int_c<2> + int_c<1>>("open_height_plus_1_close_div_2") &&
           is_named<min(past, sequence)>("min_of_past_sequence_length_and_sequence_length");
  });
  CHECK(name_of_size<height / int_c<2> + batch / int_c<2>>() == name_of_size<batch / int_c<2> + height / int_c<2>>());
  CHECK(name_of_size<batch*(height / int_c<2>)*past>() == name_of_size<past * batch*(height / int_c<2>)>());
  CHECK(name_of_size<(batch + height) / past>() == name_of_size<(height + batch) / past>());
}

TEST_CASE("parameters and fixed axes stand as numbers", "[dim_names]") {
  CHECK_TWICE([] {
    return is_named<sequence * layers>("sequence_length_times_3") &&
           is_named<past + sequence>("past_sequence_length_plus_2", "sequence_length") &&
           is_named<past * int_c<1> + int_c<0>>("past_sequence_length") &&
           is_named<sequence % layers>("sequence_length_minus_open_sequence_length_div_3_close_times_3");
  });
}

TEST_CASE("a name that could mean two sizes is marked", "[dim_names]") {
  // `a_plus_b + height` must not be taken for a + b + height, nor height + 1 for the axis of that name.
  std::string const with_words = name_of_size<sum_named + height>();
  CHECK(with_words.starts_with("a_plus_b_plus_height_"));
  CHECK(with_words.size() == std::string_view{"a_plus_b_plus_height_"}.size() + 8);
  CHECK(name_of_size<sum_named>() == "a_plus_b");
  using table = detail::list_table<tensor_list<tensor<"x", dtype::int64, made, height + int_c<1>>>>;
  std::array<std::int64_t, max_symbols> values{};
  values.fill(unknown);
  std::array<std::string, 2> names;
  for (std::size_t i = 0; i < 2; ++i)
    print_dim_identifier(table::rows[0].dims[i].size, table::symbols, values, [&](char c) { names[i] += c; });
  CHECK(names[0] == "height_plus_1");
  CHECK(names[1] != names[0]);
  CHECK(names[1].starts_with("height_plus_1_"));
}

TEST_CASE("every name is an identifier of limited length, and different sizes have different names", "[dim_names]") {
  std::set<std::string> const names{
      name_of_size<odd>(),
      name_of_size<odd + batch>(),
      name_of_size<digit>(),
      name_of_size<digit + batch>(),
      name_of_size<(height + batch) / int_c<2>>(),
      name_of_size<height + batch / int_c<2>>(),
      name_of_size<height / int_c<2> + batch>(),
      name_of_size<height / (batch / int_c<2>)>(),
      name_of_size<height / batch / int_c<2>>(),
      name_of_size<height - batch>(),
      name_of_size<batch - height>(),
      name_of_size<min(height, batch)>(),
      name_of_size<max(height, batch)>(),
      name_of_size<batch * height + past>(),
      name_of_size<batch*(height + past)>(),
      name_of_size<batch + height * past>(),
      name_of_size<((height / batch + past) / sequence + (sequence / height + batch / past) / height) / past>(),
      name_of_size<((height / batch + past) / sequence + (sequence / height + past / batch) / height) / past>(),
  };
  CHECK(names.size() == 18);
  for (std::string const& name : names) {
    CHECK(is_identifier(name));
    CHECK(name.size() <= max_dim_identifier);
  }
  CHECK_FALSE(is_identifier(""));
  CHECK_FALSE(is_identifier("1"));
  CHECK_FALSE(is_identifier("a b"));
  CHECK_FALSE(is_identifier("a//b"));
}
