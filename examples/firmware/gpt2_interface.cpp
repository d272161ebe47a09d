// GPT-2's interface on a microcontroller: memory for its inputs and outputs, dummy inputs, the ModelProto in flash.
// The same file runs on a host, so that the two can be compared.
#include "board.hpp"
#include <constexport/dummy/static_buffers.hpp>
#include <constexport/models/gpt2.hpp>
#include <constexport/onnx/folded_metadata.hpp>

using namespace constexport;

namespace {

constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 12};

// One token a step, a cache of up to 3 tokens before it, at most 1 MiB together.
constinit static_buffers<gpt2, (batch_size = 1), (sequence_length = 1), (past_sequence_length = 3), aligned_to<32>,
                         budget<1048576>>
    buffers;

// FNV-1a. Elements are hashed as they lie in memory: both machines are little-endian.
constexpr std::uint64_t empty_hash = 0xcbf29ce484222325u;
std::uint64_t hash_of(void const* data, std::size_t size, std::uint64_t hash = empty_hash) {
  for (auto const* byte = static_cast<unsigned char const*>(data); size > 0; --size, ++byte)
    hash = (hash ^ *byte) * 0x100000001b3u;
  return hash;
}

void write_row(dummy_tensor const& tensor, std::uint64_t hash) {
  tensor.name.print([](char c) { write({&c, 1}); });
  for (std::int64_t const size : tensor.shape.span()) {
    write(" ");
    write_decimal(static_cast<std::uint64_t>(size));
  }
  write(" ");
  write_hex(hash);
  write("\n");
}

}  // namespace

int run() {
  bound_contract const contract = gpt2.bind();
  write("inputs ");
  write_decimal(count_tensors(contract.table->inputs, contract.sizes()));
  write(", outputs ");
  write_decimal(count_tensors(contract.table->outputs, contract.sizes()));
  write("\nModelProto ");
  // The file goes to a function piece by piece: to a debugger or a serial line, here to a hash.
  std::uint64_t bytes = 0, hash = empty_hash;
  wire::callback_sink sink{[&](char const* data, std::size_t size) {
    bytes += size;
    hash = hash_of(data, size, hash);
  }};
  write_metadata(sink, folded_metadata<gpt2>);
  write_decimal(bytes);
  write(" bytes ");
  write_hex(hash);
  write("\n");

  if (!buffers.fill_dummy_inputs().ok()) return 1;
  buffers.for_each(true, [](auto elements, dummy_tensor const& tensor) {
    write_row(tensor, hash_of(elements.data(), elements.size_bytes()));
  });

  // A step of the model would write here; the next step reads it without a copy.
  buffers.get<"present.11.value">()[0] = 1;
  buffers.swap();
  bool const rotated = buffers.get<"past_key_values.11.value">()[0] == 1;
  write(rotated ? "rotated\n" : "not rotated\n");

  write_figures();
  return rotated ? 0 : 1;
}
