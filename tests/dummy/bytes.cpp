// What compilers.py compiles with every compiler and with options that change arithmetic: the bytes of every element
// type, made by the compiler and by the program, against those that make_expected.py worked out.
#include "dummies.hpp"
#include "expected.hpp"

using namespace constexport_tests;

constexpr std::uint64_t hash(unsigned char const* bytes, std::size_t count) {
  std::uint64_t value = 0xcbf29ce484222325u;
  for (std::size_t i = 0; i < count; ++i) value = (value ^ bytes[i]) * 0x100000001b3u;
  return value;
}

template <class T>
constexpr std::uint64_t hash_of(std::array<T, 1000> const& elements) {
  using image = std::array<unsigned char, sizeof elements>;
  image const bytes = std::bit_cast<image>(elements);
  return hash(bytes.data(), bytes.size());
}

template <class T, dtype Type, std::int64_t Lower, std::int64_t Upper>
int check(std::uint64_t expected) {
  static constexpr dummy_tensor tensor = dummy(Type, {1037}, Lower, Upper, value_kind::uniform, expected::seed);
  static constexpr std::array<T, 1000> by_compiler = slice<T, 1000>(tensor, 37);
  dummy_tensor const volatile* const opaque = &tensor;
  std::array<T, 1000> const by_program = slice<T, 1000>(const_cast<dummy_tensor const&>(*opaque), 37);
  return (hash_of(by_compiler) == expected ? 0 : 1) + (hash_of(by_program) == expected ? 0 : 1);
}

int main() {
  int wrong = 0;
  wrong += check<float, dtype::float32, -1, 1>(expected::hash_of_float32);
  wrong += check<double, dtype::float64, 0, 1>(expected::hash_of_float64);
  wrong += check<float16_element, dtype::float16, -3, 7>(expected::hash_of_float16);
  wrong += check<bfloat16_element, dtype::bfloat16, 0, 1>(expected::hash_of_bfloat16);
  wrong += check<bool, dtype::boolean, 0, 2>(expected::hash_of_bool);
  wrong += check<std::int8_t, dtype::int8, -128, 128>(expected::hash_of_int8);
  wrong += check<std::int16_t, dtype::int16, -3, 1000>(expected::hash_of_int16);
  wrong += check<std::int32_t, dtype::int32, 0, 50257>(expected::hash_of_int32);
  wrong += check<std::int64_t, dtype::int64, 0, (std::int64_t{1} << 40)>(expected::hash_of_int64);
  wrong += check<std::uint8_t, dtype::uint8, 0, 256>(expected::hash_of_uint8);
  wrong += check<std::uint16_t, dtype::uint16, 0, 65536>(expected::hash_of_uint16);
  wrong += check<std::uint32_t, dtype::uint32, 0, (std::int64_t{1} << 32)>(expected::hash_of_uint32);
  wrong += check<std::uint64_t, dtype::uint64, 1, (std::int64_t{1} << 62)>(expected::hash_of_uint64);
  return wrong;
}
