/// All models with all their lists: what the counts of template instantiations are taken from.
#include <constexport/models.hpp>

namespace {
using namespace constexport;

template <class Config>
constexpr bool used = Config::contract().inputs.size() > 0 && Config::contract().outputs.size() > 0;

static_assert(used<BertOnnxConfig<>>);
static_assert(used<GPT2OnnxConfig<text_generation, use_past, use_past_in_inputs>>);
static_assert(used<T5OnnxConfig<>>);
static_assert(used<ViTOnnxConfig<>>);
static_assert(used<CLIPOnnxConfig<>>);
static_assert(used<WhisperOnnxConfig<>>);
}  // namespace
