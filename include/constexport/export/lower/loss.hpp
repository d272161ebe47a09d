/// export/lower/loss.hpp: losses.
///
/// Room: export/lower. Includes call.hpp. lower.hpp collects the families.
#pragma once

#include <constexport/export/call.hpp>

namespace constexport::lower {

inline void add_loss(lowering_table&) {}

}  // namespace constexport::lower
