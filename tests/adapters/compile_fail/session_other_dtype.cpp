// EXPECT: the elements fed are not of the input's dtype
#include <constexport/adapters/session.hpp>
#include <constexport/models/bert.hpp>

using namespace constexport;

using Bert = BertOnnxConfig<>;

void run(bindings<Bert>& bert, std::span<std::int64_t const> ids, std::span<std::int32_t const> mask) {
  bert.run(feed<"input_ids">(ids, {1, 5}), feed<"attention_mask">(mask, {1, 5}), feed<"token_type_ids">(ids, {1, 5}));
}
