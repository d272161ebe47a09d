// What firmware.py measures: what a 12-layer GPT-2 puts into flash and memory. Each function is kept, so each constant
// is.
#include <constexport/models/gpt2.hpp>
#include <constexport/models/t5.hpp>
#include <constexport/onnx/folded_metadata.hpp>

using namespace constexport;

namespace {

#ifdef PAST_IN_INPUTS
constexpr GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs> gpt2{num_layers = 12};
#else
constexpr GPT2OnnxConfig<text_generation, use_past> gpt2{num_layers = 12};
#endif
#ifdef UNUSED
constexpr T5OnnxConfig<text2text_generation> unused{num_layers = 6};
static_assert(!unused.bind().table->inputs.empty() && graph_metadata<unused>.size() > 0);
#endif

constexpr metadata_options options{.contract_entry = WITH_TEXT};

}  // namespace

#ifdef FOLDED
// With the code that writes the file, which goes to the sink piece by piece.
extern "C" void send(char const* data, std::size_t size);
extern "C" void write_model() {
  wire::callback_sink sink{send};
  write_metadata(sink, folded_metadata<gpt2, options>);
}
#else
extern "C" char const* model() { return graph_metadata<gpt2, options>.data(); }
#endif
#ifdef WITH_TABLE
extern "C" bound_contract const* contract_of_model() { return &bound<gpt2>; }
#endif
