/// models.hpp: the catalogue, one line per family.
#pragma once

// clang-format off
// Text encoders.
#include <constexport/models/bert.hpp>                  // BERT, ALBERT, ELECTRA, Splinter and kin
#include <constexport/models/clip_text.hpp>             // the text sides of CLIP and SigLIP
#include <constexport/models/deberta.hpp>               // DeBERTa
#include <constexport/models/distilbert.hpp>            // DistilBERT
#include <constexport/models/longformer.hpp>            // Longformer
#include <constexport/models/markuplm.hpp>              // MarkupLM
#include <constexport/models/roberta.hpp>               // RoBERTa, BigBird, ESM, ModernBERT, MPNet and kin
#include <constexport/models/sentence_transformer.hpp>  // sentence-transformers
#include <constexport/models/xlm.hpp>                   // XLM, FlauBERT

// Text decoders, with past.
#include <constexport/models/bloom.hpp>                 // BLOOM, MPT
#include <constexport/models/decision_transformer.hpp>  // Decision Transformer (without past)
#include <constexport/models/deepseek.hpp>              // DeepSeek V3
#include <constexport/models/falcon.hpp>                // Falcon
#include <constexport/models/gemma.hpp>                 // Gemma
#include <constexport/models/gpt2.hpp>                  // GPT-2, GPT-J, CodeGen, ImageGPT
#include <constexport/models/gpt_bigcode.hpp>           // GPT BigCode
#include <constexport/models/gpt_neo.hpp>               // GPT-Neo, GPT-NeoX
#include <constexport/models/gpt_oss.hpp>               // gpt-oss, Nemotron
#include <constexport/models/llama.hpp>                 // Llama, Cohere, GLM, Granite, Mistral, OLMo and kin
#include <constexport/models/opt.hpp>                   // OPT
#include <constexport/models/phi.hpp>                   // Phi
#include <constexport/models/qwen.hpp>                  // Qwen

// Text to text, with past.
#include <constexport/models/bart.hpp>                  // BART, mBART, M2M-100, Blenderbot, Marian, Pegasus
#include <constexport/models/encoder_decoder.hpp>       // any encoder with any decoder
#include <constexport/models/t5.hpp>                    // T5, mT5, LongT5
#include <constexport/models/trocr.hpp>                 // TrOCR

// Images, sound and time series.
#include <constexport/models/moonshine.hpp>       // MoonshineOnnxConfig  sound to text, encoder and decoder, past
#include <constexport/models/musicgen.hpp>        // MusicgenOnnxConfig   text to sound, four parts, past
#include <constexport/models/patchtst.hpp>        // PatchTST, PatchTSMixer: time series
#include <constexport/models/spectrogram.hpp>     // AST, M-CTC-T         sound
#include <constexport/models/speech_to_text.hpp>  // Speech2TextOnnxConfig  sound to text, encoder and decoder, past
#include <constexport/models/speecht5.hpp>        // SpeechT5OnnxConfig   text to sound, three parts
#include <constexport/models/vits.hpp>            // VitsOnnxConfig       text to sound
#include <constexport/models/wav2vec2.hpp>        // Wav2Vec2 and its kin: HuBERT, SEW, UniSpeech, WavLM, ...: sound
#include <constexport/models/whisper.hpp>         // WhisperOnnxConfig    sound to text, encoder and decoder, past
// clang-format on

// Vision.
#include <constexport/models/convnext.hpp>      // ConvNext, ConvNextV2
#include <constexport/models/detr.hpp>          // Detr, TableTransformer, Yolos
#include <constexport/models/efficientnet.hpp>  // EfficientNet
#include <constexport/models/hiera.hpp>         // Hiera
#include <constexport/models/image_tower.hpp>   // CLIPVisionModel, SiglipVisionModel
#include <constexport/models/levit.hpp>         // Levit
#include <constexport/models/maskformer.hpp>    // MaskFormer
#include <constexport/models/mgp_str.hpp>       // Mgpstr
#include <constexport/models/mobilenet.hpp>     // MobileNetV1, MobileNetV2, MobileViT
#include <constexport/models/poolformer.hpp>    // PoolFormer, CvT
#include <constexport/models/pvt.hpp>           // Pvt
#include <constexport/models/resnet.hpp>        // ResNet, RegNet
#include <constexport/models/rt_detr.hpp>       // RTDetr, RTDetrV2, DFine
#include <constexport/models/sam.hpp>           // Sam, in parts
#include <constexport/models/segformer.hpp>     // Segformer, Glpn
#include <constexport/models/swin.hpp>          // Swin, SwinV2, Swin2sr, DonutSwin
#include <constexport/models/timm.hpp>          // TimmDefault
#include <constexport/models/vit.hpp>           // ViT, DeiT, Beit, Data2VecVision, VitMSN, VitMAE, Dinov2, Dpt
#include <constexport/models/vitpose.hpp>       // VitPose

// Text and vision.
#include <constexport/models/clip.hpp>        // CLIP, ChineseCLIP, GroupViT, SentenceTransformersCLIP, MetaCLIP2
#include <constexport/models/colpali.hpp>     // ColPali, in two variants
#include <constexport/models/layoutlm.hpp>    // LayoutLM, LayoutLMv3, Lilt
#include <constexport/models/owlvit.hpp>      // OwlViT, OwlV2
#include <constexport/models/perceiver.hpp>   // Perceiver
#include <constexport/models/pix2struct.hpp>  // Pix2Struct, with past
#include <constexport/models/siglip.hpp>      // Siglip
#include <constexport/models/vision_encoder_decoder.hpp>  // any encoder of images with any decoder, with past
#include <constexport/models/visual_bert.hpp>             // VisualBert

// Diffusion.
#include <constexport/models/diffusion_transformer.hpp>  // SD3, Flux, Sana
#include <constexport/models/unet.hpp>                   // UNet
#include <constexport/models/vae.hpp>                    // Vae, Dcae: encoders and decoders

namespace constexport {

/// A list of models.
template <template <auto...> class... Models>
struct model_list {};

/// The models of several lists.
template <class... Lists>
struct joined_models;
template <template <auto...> class... Models>
struct joined_models<model_list<Models...>> {
  using type = model_list<Models...>;
};
template <template <auto...> class... Models, template <auto...> class... More, class... Rest>
struct joined_models<model_list<Models...>, model_list<More...>, Rest...>
    : joined_models<model_list<Models..., More...>, Rest...> {};

// The catalogue by modality.
using text_encoder_models =
    model_list<AlbertOnnxConfig, BertOnnxConfig, BigBirdOnnxConfig, CamembertOnnxConfig, CLIPTextOnnxConfig,
               CLIPTextWithProjectionOnnxConfig, ConvBertOnnxConfig, Data2VecTextOnnxConfig, DebertaOnnxConfig,
               DebertaV2OnnxConfig, DistilBertOnnxConfig, ElectraOnnxConfig, EsmOnnxConfig, FlaubertOnnxConfig,
               IBertOnnxConfig, LongformerOnnxConfig, MarkupLMOnnxConfig, MegatronBertOnnxConfig, MobileBertOnnxConfig,
               ModernBertOnnxConfig, MPNetOnnxConfig, NystromformerOnnxConfig, RemBertOnnxConfig, RobertaOnnxConfig,
               RoFormerOnnxConfig, SentenceTransformersTransformerOnnxConfig, SiglipTextOnnxConfig,
               SiglipTextWithProjectionOnnxConfig, SplinterOnnxConfig, SqueezeBertOnnxConfig, T5EncoderOnnxConfig,
               XLMOnnxConfig, XLMRobertaOnnxConfig>;
using text_decoder_models =
    model_list<ArceeOnnxConfig, BloomOnnxConfig, CodeGenOnnxConfig, CohereOnnxConfig, DecisionTransformerOnnxConfig,
               DeepSeekV3OnnxConfig, FalconOnnxConfig, GemmaOnnxConfig, Gemma2OnnxConfig, Gemma2TextEncoderOnnxConfig,
               Gemma3OnnxConfig, Gemma3TextOnnxConfig, GLMOnnxConfig, GPT2OnnxConfig, GPTBigCodeOnnxConfig,
               GPTJOnnxConfig, GPTNeoOnnxConfig, GPTNeoXOnnxConfig, GPTOssOnnxConfig, GraniteOnnxConfig,
               HeliumOnnxConfig, ImageGPTOnnxConfig, InternLM2OnnxConfig, LlamaOnnxConfig, MistralOnnxConfig,
               MPTOnnxConfig, NemotronOnnxConfig, OlmoOnnxConfig, Olmo2OnnxConfig, OPTOnnxConfig, PhiOnnxConfig,
               Phi3OnnxConfig, Qwen2OnnxConfig, Qwen3OnnxConfig, Qwen3MoeOnnxConfig, SmolLM3OnnxConfig,
               StableLMOnnxConfig>;
using text_to_text_models =
    model_list<BartOnnxConfig, BigBirdPegasusOnnxConfig, BlenderbotOnnxConfig, BlenderbotSmallOnnxConfig,
               EncoderDecoderOnnxConfig, LongT5OnnxConfig, M2M100OnnxConfig, MarianOnnxConfig, MBartOnnxConfig,
               MT5OnnxConfig, PegasusOnnxConfig, T5OnnxConfig, TrOCROnnxConfig>;
using vision_models =
    model_list<ViTOnnxConfig, DeiTOnnxConfig, BeitOnnxConfig, Data2VecVisionOnnxConfig, VitMSNOnnxConfig,
               VitMAEOnnxConfig, Dinov2OnnxConfig, DptOnnxConfig, SwinOnnxConfig, SwinV2OnnxConfig, DonutSwinOnnxConfig,
               Swin2srOnnxConfig, ResNetOnnxConfig, RegNetOnnxConfig, ConvNextOnnxConfig, ConvNextV2OnnxConfig,
               MobileNetV1OnnxConfig, MobileNetV2OnnxConfig, MobileViTOnnxConfig, EfficientNetOnnxConfig,
               SegformerOnnxConfig, GlpnOnnxConfig, PvtOnnxConfig, PoolFormerOnnxConfig, CvTOnnxConfig, LevitOnnxConfig,
               HieraOnnxConfig, DetrOnnxConfig, TableTransformerOnnxConfig, YolosOnnxConfig, RTDetrOnnxConfig,
               RTDetrV2OnnxConfig, DFineOnnxConfig, MaskFormerOnnxConfig, MgpstrOnnxConfig, VitPoseOnnxConfig,
               TimmDefaultOnnxConfig, CLIPVisionModelOnnxConfig, SiglipVisionModelOnnxConfig, SamOnnxConfig>;
using text_and_vision_models =
    model_list<CLIPOnnxConfig, ChineseCLIPOnnxConfig, GroupViTOnnxConfig, SentenceTransformersCLIPOnnxConfig,
               MetaCLIP2OnnxConfig, SiglipOnnxConfig, OwlViTOnnxConfig, OwlV2OnnxConfig, LayoutLMOnnxConfig,
               LiltOnnxConfig, LayoutLMv3OnnxConfig, PerceiverOnnxConfig, VisualBertOnnxConfig, ColPaliOnnxConfig,
               Pix2StructOnnxConfig, VisionEncoderDecoderOnnxConfig>;
using diffusion_models =
    model_list<UNetOnnxConfig, VaeEncoderOnnxConfig, VaeDecoderOnnxConfig, DcaeEncoderOnnxConfig, DcaeDecoderOnnxConfig,
               SD3TransformerOnnxConfig, FluxTransformerOnnxConfig, SanaTransformerOnnxConfig>;
using audio_models =
    model_list<ASTOnnxConfig, Data2VecAudioOnnxConfig, HubertOnnxConfig, MCTCTOnnxConfig, MoonshineOnnxConfig,
               MusicgenOnnxConfig, SEWDOnnxConfig, SEWOnnxConfig, Speech2TextOnnxConfig, SpeechT5OnnxConfig,
               UniSpeechOnnxConfig, UniSpeechSATOnnxConfig, VitsOnnxConfig, Wav2Vec2ConformerOnnxConfig,
               Wav2Vec2OnnxConfig, WavLMOnnxConfig, WhisperOnnxConfig>;
using time_series_models = model_list<PatchTSMixerOnnxConfig, PatchTSTOnnxConfig>;

/// Every model of the catalogue.
using every_model = joined_models<text_encoder_models, text_decoder_models, text_to_text_models, vision_models,
                                  text_and_vision_models, diffusion_models, audio_models, time_series_models>::type;

}  // namespace constexport
