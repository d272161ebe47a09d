// EXPECT: the shape fed has another number of dimensions than the input
#include <constexport/adapters/session.hpp>
#include <constexport/models/bert.hpp>

using namespace constexport;

using Bert = BertOnnxConfig<>;

void run(bindings<Bert>& bert, std::span<std::int64_t const> ids) {
  bert.run(feed<"input_ids">(ids), feed<"attention_mask">(ids, {1, 5}), feed<"token_type_ids">(ids, {1, 5}));
}
