/// check/change.hpp: one difference between two interfaces, and where it is.
///
/// Room: check. Includes change_kind.hpp and the standard library. compare.hpp finds changes; reports print them.
#pragma once

#include <constexport/check/change_kind.hpp>

#include <string>
#include <vector>

namespace constexport {

/// One change, or one for several places alike.
struct change {
  change_kind kind = change_kind::size_changed;
  bool is_breaking = true;            ///< can a consumer of the old interface meet an error or another result?
  std::vector<std::string> places{};  ///< "input_ids", "logits[1]", "axis batch_size"
  std::string before{}, after{};
};

}  // namespace constexport
