// EXPECT: a tensor has another dtype in the file
#include <constexport/check/matches.hpp>
#include <constexport/models/bert.hpp>
using namespace constexport;
struct model {
  static constexpr described_dim tokens[]{{-1, "batch_size"}, {-1, "sequence_length"}};
  static constexpr described_dim states[]{{-1, "batch_size"}, {-1, "sequence_length"}, {768}};
  static constexpr described_dim changed[]{{1}};
  static constexpr described_tensor inputs[]{{"input_ids", dtype::int32, tokens}, {"attention_mask", dtype::int64, tokens}, {"token_type_ids", dtype::int64, tokens}};
  static constexpr described_tensor outputs[]{{"last_hidden_state", dtype::float32, states}};
  static constexpr described_file value{inputs, outputs, 18};
};
static_assert(matches<BertOnnxConfig<>>(model{}));
