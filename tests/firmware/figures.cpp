// What firmware.py measures: what a 12-layer GPT-2 puts into flash and memory. Each function is kept, so each constant
// is.
#include <constexport/models/gpt2.hpp>
#include <constexport/models/t5.hpp>
#include <constexport/onnx/graph_metadata.hpp>

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

}  // namespace

#ifdef WITH_TEXT
// The contract is in the file, as text.
extern "C" char const* model() { return graph_metadata<gpt2>.data(); }
#else
extern "C" char const* model() { return graph_metadata<gpt2, metadata_options{.contract_entry = false}>.data(); }
extern "C" bound_contract const* contract_of_model() { return &bound<gpt2>; }
#endif
