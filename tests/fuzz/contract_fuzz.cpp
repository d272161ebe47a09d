// Any bytes as a contract's text, of a file and of metadata: read, or refused at a place in the text; never a crash.
// What was read can be used, and its own text reads as the same contract.
#include <constexport/dummy/shapes.hpp>
#include <constexport/onnx/contract_reader.hpp>
#include <constexport/onnx/contract_text.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

using namespace constexport;

std::string text_of_contract(bound_contract const& bound) {
  std::string text;
  print_contract(bound, [&](char c) { text += c; });
  return text;
}

void use(bound_contract const& bound) {
  for (auto const rows : {bound.table->inputs, bound.table->outputs})
    for (tensor_row const& row : rows) {
      for (dimension const& dim : row.dims) evaluate(dim.size, bound.sizes());
      if (!row.repeat.empty()) evaluate(row.repeat, bound.sizes());
    }
  count_dummies(bound);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
  std::string_view const text{reinterpret_cast<char const*>(data), size};
  auto const storage = std::make_unique<contract_storage<>>(), again = std::make_unique<contract_storage<>>();
  for (auto const unknown_ones : {unknown_members::refused, unknown_members::skipped}) {
    read_status const status = read_contract(text, *storage, unknown_ones);
    if (status.offset > size) std::abort();
    if (!status) continue;
    use(storage->bound());
    std::string const written = text_of_contract(storage->bound());
    read_status const back = read_contract(written, *again);
    // The text may need room that the first one did not: names in escapes, expressions in brackets.
    bool const larger = back.error >= read_error::too_many_symbols;
    if (!back && !larger) std::abort();
    if (back && text_of_contract(again->bound()) != written) std::abort();
  }
  return 0;
}
