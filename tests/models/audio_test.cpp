// Models of sound and of time series: lengths, parts and what the parameters determine. Values by hand.
#include "../support/twice.hpp"
#include "legal.hpp"
#include "sizes.hpp"
#include <constexport/models.hpp>

using namespace constexport;
using constexport_tests::size_of;

namespace {

static_assert(constexport_tests::every_task_is_exported(joined_models<audio_models, time_series_models>::type{}));

// 16000 samples are 49 frames; other kernels and strides give others.
constexpr bool test_convolutions() {
  using recognised = Wav2Vec2OnnxConfig<automatic_speech_recognition>;
  constexpr recognised other{conv_kernel.at<0> = 4, conv_stride.at<0> = 3};
  // ((16000 - 4) / 3 + 1) = 5333, then 2666, 1332, 665, 332, 166, 83
  return size_of(recognised{}, 0, 1, sequence_length = 16000) == 49 &&
         size_of(SEWOnnxConfig<automatic_speech_recognition>{}, 0, 1, sequence_length = 16000) == 49 &&
         size_of(other, 0, 1, sequence_length = 16000) == 83 &&
         size_of(MCTCTOnnxConfig<automatic_speech_recognition>{}, 0, 1, sequence_length = 100) == 34 &&
         size_of(MoonshineOnnxConfig<feature_extraction, encoder>{}, 0, 1, encoder_sequence_length = 16000) == 40 &&
         size_of(Speech2TextOnnxConfig<feature_extraction, encoder>{}, 0, 1, encoder_sequence_length = 1001) == 251 &&
         size_of(Speech2TextOnnxConfig<feature_extraction, encoder>{num_conv_layers = 3}, 0, 1,
                 encoder_sequence_length = 1001) == 167;
}

constexpr bool test_what_parameters_determine() {
  return size_of(Wav2Vec2OnnxConfig<>{hidden_size = 32}, 0, 2) == 32 &&
         size_of(WavLMOnnxConfig<>{add_adapter = 1, output_hidden_size = 48}, 0, 2) == 48 &&
         size_of(WavLMOnnxConfig<audio_xvector>{}, 1, 1) == 512 &&
         size_of(HubertOnnxConfig<audio_classification>{num_labels = 7}, 0, 1) == 7 &&
         size_of(ASTOnnxConfig<>{}, 0, 1) == 1214 &&  // 12 x 101 patches and two tokens
         size_of(ASTOnnxConfig<>{max_length = 512, time_stride = 16}, 0, 1) == 386 &&
         size_of(PatchTSTOnnxConfig<>{}, 0, 2) == 32 &&
         size_of(PatchTSTOnnxConfig<>{patch_length = 8, patch_stride = 4, use_cls_token = 1}, 0, 2) == 8 &&
         size_of(PatchTSMixerOnnxConfig<>{context_length = 64}, 0, 2) == 8 &&
         size_of(PatchTSMixerOnnxConfig<time_series_forecasting>{}, 0, 1) == 16;
}

constexpr bool test_speech() {
  using synthesis = VitsOnnxConfig<text_to_audio>;
  using decodes = SpeechT5OnnxConfig<text_to_audio, decoder, part<"decoder">>;
  return size_of(synthesis{}, 0, 1, num_bins = 3) == 768 && size_of(synthesis{}, 1, 1) == 192 &&
         synthesis::outputs().at("waveform").axes() == "text_batch_size, n_samples" &&
         size_of(decodes{}, 0, 1, decoder_sequence_length = 9) == 10 && size_of(decodes{}, 1, 1) == 80 &&
         size_of(decodes{reduction_factor = 3}, 2, 0) == 3 && is_valid<decodes> &&
         !is_valid<SpeechT5OnnxConfig<text_to_audio, decoder, part<"encoder">>> &&
         !is_valid<SpeechT5OnnxConfig<text_to_audio, use_past>>;
}

constexpr bool test_musicgen() {
  using step = MusicgenOnnxConfig<text_to_audio, decoder, part<"decoder">, use_past, use_past_in_inputs>;
  using first = MusicgenOnnxConfig<text_to_audio, decoder, part<"decoder">, use_past>;
  using decodes = MusicgenOnnxConfig<text_to_audio, encoder, part<"encodec_decode">>;
  using arranges = MusicgenOnnxConfig<text_to_audio, encoder, part<"build_delay_pattern_mask">>;
  bound_contract const bound = step{num_layers = 2}.bind();
  return is_valid<step> && is_valid<first> && is_valid<decodes> && is_valid<arranges> &&
         !is_valid<MusicgenOnnxConfig<text_to_audio, decoder, part<"decoder">>> &&
         count_tensors(bound.table->inputs, bound.sizes()) == 11 &&
         count_tensors(bound.table->outputs, bound.sizes()) == 5 &&
         size_of(first{}, 0, 0, total_batch_size = 3) == 12 && size_of(first{}, 0, 2) == 2048 &&
         size_of(step{}, 0, 1) == 1 && size_of(decodes{}, 0, 2, chunk_length = 5) == 1600 &&
         size_of(arranges{}, 0, 1) == unknown &&
         arranges::inputs().at("input_ids").axes() == "batch_size_x_num_codebooks, ?";
}

}  // namespace

TEST_CASE("models of sound and of time series") {
  SECTION("lengths after convolutions") { CHECK_TWICE(test_convolutions); }
  SECTION("what parameters determine") { CHECK_TWICE(test_what_parameters_determine); }
  SECTION("models that speak") { CHECK_TWICE(test_speech); }
  SECTION("MusicGen's four parts") { CHECK_TWICE(test_musicgen); }
}
