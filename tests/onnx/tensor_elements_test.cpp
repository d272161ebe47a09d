/// The elements of tensors: each field that can hold them, packed and not, and what is no tensor or no element.
#include "../support/twice.hpp"
#include "bytes.hpp"
#include <constexport/onnx/tensor_elements.hpp>

#include <catch2/catch_test_macros.hpp>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string_view>
#include <vector>

namespace wire = constexport::wire;
using constexport::dtype;
using constexport::read_error;

namespace {

using namespace std::string_view_literals;

// Dimensions [2], then the dtype, then the elements: written by hand after onnx.in.proto.
constexpr auto raw_int16 = "\x08\x02\x10\x05\x4a\x04\x01\x80\xff\x7f"sv;
constexpr auto packed_int16 = "\x08\x02\x10\x05\x2a\x0d\x81\x80\xfe\xff\xff\xff\xff\xff\xff\x01\xff\xff\x01"sv;
constexpr auto single_int16 = "\x08\x02\x10\x05\x28\x81\x80\xfe\xff\xff\xff\xff\xff\xff\x01\x28\xff\xff\x01"sv;
constexpr auto packed_float = "\x08\x02\x10\x01\x22\x08\x00\x00\x80\x3f\x00\x00\x00\x80"sv;
constexpr auto single_float = "\x08\x02\x10\x01\x25\x00\x00\x80\x3f\x25\x00\x00\x00\x80"sv;
constexpr auto packed_double = "\x08\x01\x10\x0b\x52\x08\x00\x00\x00\x00\x00\x00\xf0\x3f"sv;
constexpr auto packed_uint32 = "\x08\x02\x10\x0c\x5a\x06\xff\xff\xff\xff\x0f\x01"sv;
constexpr auto packed_half = "\x08\x02\x10\x0a\x2a\x05\x80\x80\x02\x80\x78"sv;
constexpr auto scalar_int64 = "\x10\x07\x3a\x01\x05"sv;
constexpr auto no_elements = "\x08\x00\x10\x01"sv;

// The dtype and elements of a file; nothing where either reading fails.
template <class T, std::size_t Count>
constexpr bool has(std::string_view bytes, dtype type, std::array<T, Count> const& expected) {
  wire::tensor_file_view const file = wire::read_tensor(bytes);
  if (!file || file.tensor.type != type) return false;
  std::array<std::byte, Count * sizeof(T)> found{};
  if (!wire::read_elements(file.tensor, found)) return false;
  auto const wanted = std::bit_cast<std::array<std::byte, Count * sizeof(T)>>(expected);
  for (std::size_t i = 0; i < found.size(); ++i)
    if (found[i] != wanted[i]) return false;
  return true;
}
constexpr read_error error_of(std::string_view bytes, std::size_t size) {
  wire::tensor_file_view const file = wire::read_tensor(bytes);
  if (!file) return file.status.error;
  std::array<std::byte, 64> memory{};
  return wire::read_elements(file.tensor, std::span(memory).first(size)).error;
}

constexpr bool elements_are_read() {
  std::array<std::int16_t, 2> const shorts{-32767, 32767};
  bool ok = has(raw_int16, dtype::int16, shorts) && has(packed_int16, dtype::int16, shorts) &&
            has(single_int16, dtype::int16, shorts);
  ok = ok && has(packed_float, dtype::float32, std::array{1.0f, -0.0f});
  ok = ok && has(single_float, dtype::float32, std::array{1.0f, -0.0f});
  ok = ok && has(packed_double, dtype::float64, std::array{1.0});
  ok = ok && has(packed_uint32, dtype::uint32, std::array{0xffffffffu, 1u});
  ok = ok && has(packed_half, dtype::float16, std::array<std::uint16_t, 2>{0x8000, 0x3c00});
  ok = ok && has(scalar_int64, dtype::int64, std::array{std::int64_t{5}});
  return ok && error_of(no_elements, 0) == read_error::none;
}

constexpr bool what_is_wrong_is_said() {
  bool ok = error_of(raw_int16, 2) == read_error::wrong_count && error_of(raw_int16, 6) == read_error::wrong_count;
  ok = ok && error_of(packed_int16, 2) == read_error::wrong_count;
  ok = ok && error_of(no_elements, 4) == read_error::wrong_count;
  // Elements in two fields, in the field of another type, of a type without a size, of a quarter of a byte.
  ok = ok && error_of("\x10\x01\x4a\x04\0\0\0\0\x22\x04\0\0\0\0"sv, 4) == read_error::wrong_count;
  ok = ok && error_of("\x10\x01\x2a\x01\x05"sv, 4) == read_error::wrong_count;
  ok = ok && error_of("\x10\x08\x2a\x01\x05"sv, 4) == read_error::wrong_count;
  ok = ok && error_of("\x10\x16\x2a\x01\x05"sv, 1) == read_error::wrong_count;
  // 128 as int8, -1 as uint8 and as bool, 65536 as float16, 2 as bool in either field.
  ok = ok && error_of("\x10\x03\x2a\x02\x80\x01"sv, 1) == read_error::out_of_range;
  ok = ok && error_of("\x10\x02\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv, 1) == read_error::out_of_range;
  ok = ok && error_of("\x10\x09\x28\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01"sv, 1) == read_error::out_of_range;
  ok = ok && error_of("\x10\x0a\x28\x80\x80\x04"sv, 2) == read_error::out_of_range;
  ok = ok && error_of("\x10\x09\x28\x02"sv, 1) == read_error::out_of_range;
  ok = ok && error_of("\x10\x09\x4a\x01\x02"sv, 1) == read_error::out_of_range;
  // A cut, a number that goes on within a packed field, half a float, a length as a number.
  ok = ok && error_of(raw_int16.substr(0, 7), 4) == read_error::truncated;
  ok = ok && error_of("\x10\x07\x3a\x01\x80"sv, 8) == read_error::truncated;
  ok = ok && error_of("\x10\x01\x22\x02\x00\x00"sv, 4) == read_error::truncated;
  return ok && error_of("\x10\x01\x48\x02"sv, 4) == read_error::wrong_wire_type;
}

}  // namespace

TEST_CASE("elements are read from every field") { CHECK_TWICE(elements_are_read); }

TEST_CASE("what is no tensor or no element is said") { CHECK_TWICE(what_is_wrong_is_said); }

TEST_CASE("damaged tensors are read or refused within their bytes") {
  std::mt19937 random{1};
  std::size_t refused = 0, read = 0;
  for (std::string_view const whole : {raw_int16, packed_int16, single_int16, packed_float, single_float, packed_double,
                                       packed_uint32, packed_half, scalar_int64, no_elements})
    for (int round = 0; round < 20000; ++round) {
      std::vector<char> bytes = constexport_tests::on_heap(whole.substr(0, whole.size() - random() % 3 % whole.size()));
      for (unsigned change = 0; change < 1 + random() % 3; ++change)
        bytes[random() % bytes.size()] = static_cast<char>(random());
      bytes.shrink_to_fit();
      wire::tensor_file_view const file = wire::read_tensor(constexport_tests::view(bytes));
      CHECK(file.status.offset <= bytes.size());
      std::vector<std::byte> elements(random() % 20);
      if (file && wire::read_elements(file.tensor, elements))
        ++read;
      else
        ++refused;
    }
  CHECK(refused > read);
  CHECK(read > 0);
}
