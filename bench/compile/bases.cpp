/// Six models that between them use every base, with all their lists: a new model elsewhere does not change its count.
#include <constexport/models/bert.hpp>
#include <constexport/models/clip.hpp>
#include <constexport/models/gpt2.hpp>
#include <constexport/models/t5.hpp>
#include <constexport/models/vit.hpp>
#include <constexport/models/whisper.hpp>

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
