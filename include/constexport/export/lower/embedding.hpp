/// export/lower/embedding.hpp: rows of a table, and bags of them.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/call.hpp>

#include <cstdint>
#include <limits>

namespace constexport::lower {

/// `padding_idx` matters to gradients only.
inline value_list embedding(call& c, builder& b) { return {b.gather(c.tensor("weight"), c.tensor("indices"), 0)}; }

inline void add_embedding(lowering_table& table) { table.add({"aten::embedding"}, embedding); }

}  // namespace constexport::lower
