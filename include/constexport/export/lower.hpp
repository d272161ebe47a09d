/// export/lower.hpp: all lowerings from LibTorch's operators to ONNX's.
///
/// Room: export. Includes the families of export/lower/. reconcile.hpp looks operators up here; a user adds to a copy:
/// `options.lowerings.add("my::op", [](call& c, builder& b) -> value_list { ... });`, or registers at file scope
/// (lowering_library.hpp).
#pragma once

#include <constexport/export/lower/activation.hpp>
#include <constexport/export/lower/adaptive.hpp>
#include <constexport/export/lower/attention.hpp>
#include <constexport/export/lower/complex.hpp>
#include <constexport/export/lower/conversion.hpp>
#include <constexport/export/lower/convolution.hpp>
#include <constexport/export/lower/creation.hpp>
#include <constexport/export/lower/embedding.hpp>
#include <constexport/export/lower/grid.hpp>
#include <constexport/export/lower/indexing.hpp>
#include <constexport/export/lower/linear.hpp>
#include <constexport/export/lower/loss.hpp>
#include <constexport/export/lower/norm.hpp>
#include <constexport/export/lower/normalisation.hpp>
#include <constexport/export/lower/padding.hpp>
#include <constexport/export/lower/patches.hpp>
#include <constexport/export/lower/pointwise.hpp>
#include <constexport/export/lower/pooling.hpp>
#include <constexport/export/lower/recurrent.hpp>
#include <constexport/export/lower/reduction.hpp>
#include <constexport/export/lower/resampling.hpp>
#include <constexport/export/lower/scatter.hpp>
#include <constexport/export/lower/shape.hpp>
#include <constexport/export/lower/signal.hpp>
#include <constexport/export/lower/sorting.hpp>
#include <constexport/export/lower/transformer.hpp>
#include <constexport/export/lowering_library.hpp>
#include <constexport/export/lowering_table.hpp>

namespace constexport {

/// The lowerings of the library, and those that were registered.
inline lowering_table default_lowerings() {
  lowering_table table;
  lower::add_pointwise(table);
  lower::add_activation(table);
  lower::add_shape(table);
  lower::add_linear(table);
  lower::add_normalisation(table);
  lower::add_creation(table);
  lower::add_reduction(table);
  lower::add_norm(table);
  lower::add_sorting(table);
  lower::add_indexing(table);
  lower::add_scatter(table);
  lower::add_conversion(table);
  lower::add_convolution(table);
  lower::add_attention(table);
  lower::add_embedding(table);
  lower::add_loss(table);
  lower::add_recurrent(table);
  lower::add_transformer(table);
  lower::add_pooling(table);
  lower::add_adaptive(table);
  lower::add_padding(table);
  lower::add_patches(table);
  lower::add_resampling(table);
  lower::add_grid(table);
  // The last ones: they make lowerings of the others into lowerings for complex numbers.
  lower::add_complex(table);
  lower::add_signal(table);
  constexport_add_registered_lowerings(table);
  return table;
}

}  // namespace constexport
