/// tests/check/contracts.hpp: contracts out of text.
#pragma once

#include <constexport/onnx/contract_reader.hpp>

#include <memory>
#include <stdexcept>
#include <string>

namespace check_tests {

struct read_contract_text {
  std::string text;
  constexport::contract_storage<> storage;
  constexport::bound_contract bound() const { return storage.bound(); }
};

inline std::unique_ptr<read_contract_text> contract_of(std::string text) {
  auto result = std::make_unique<read_contract_text>();
  result->text = std::move(text);
  constexport::read_status const status =
      read_contract(result->text, result->storage, constexport::unknown_members::refused);
  if (!status)
    throw std::logic_error(std::string(text_of(status.error)) + " at " + std::to_string(status.offset) + " of " +
                           result->text);
  return result;
}

}  // namespace check_tests
