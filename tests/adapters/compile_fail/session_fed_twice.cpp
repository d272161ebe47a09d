// EXPECT: an input is fed twice in one run
#include <constexport/adapters/session.hpp>
#include <constexport/models/bert.hpp>

using namespace constexport;

using Bert = BertOnnxConfig<>;

void run(bindings<Bert>& bert, std::span<std::int64_t const> ids) {
  auto const fed = feed<"input_ids">(ids, {1, 5});
  bert.run(fed, fed, feed<"attention_mask">(ids, {1, 5}), feed<"token_type_ids">(ids, {1, 5}));
}
