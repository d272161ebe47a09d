/// export/lower/pointwise/special.hpp: the error function and its kin.
///
/// Room: export/lower/pointwise. Includes operands.hpp. pointwise.hpp collects the themes; Gelu in float64 depends on
/// it. ONNX has only Erf, which ONNX Runtime computes in float32.
#pragma once

#include <constexport/export/lower/pointwise/operands.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstddef>
#include <limits>
#include <span>

namespace constexport::lower {

/// exp(x^2) erfc(x) for x >= 0, in float64: (1 + 2 x) times it is smooth in (x - k) / (x + k), and its Chebyshev series
/// there, here as a polynomial, was computed with 60 digits. The relative error is below 3e-9 for k = 2.5 and below
/// 1e-15 for k = 2.75.
inline term scaled_erfc(term x, bool precise) {
  static constexpr double few[] = {1.2648381843303922,     -0.12235680075158781,    -0.099024536324861565,
                                   0.15763099436153899,    -0.10296710057719134,    0.03275205256865231,
                                   0.00093209177298321066, -0.0043504923404896288,  0.00049162553118735645,
                                   0.00057573462934149694, -8.9062764345221443e-05, -6.1907530970481045e-05,
                                   8.3816327670190357e-06};
  static constexpr double many[] = {
      1.2588036258139466,     -0.1304624837229576,    -0.071306210009008011,   0.14490634075344619,
      -0.11449313228431626,   0.052319579746518755,   -0.010500720738839299,   -0.002622280004438482,
      0.0019344817655962171,  4.0149217961998132e-05, -0.00028905361974662972, 8.6090936661339752e-06,
      4.7978291064786192e-05, 3.4887251850003669e-07, -8.748721447703666e-06,  -1.0148141957390457e-06,
      1.5854626585013196e-06, 4.2542792692071789e-07, -2.4867265090464553e-07, -1.0316126086183837e-07,
      2.7759906210093604e-08, 1.2138571158346464e-08, -1.4994070459976142e-09};
  std::span<double const> const factors = precise ? std::span<double const>(many) : std::span<double const>(few);
  double const k = precise ? 2.75 : 2.5;
  // Beyond any number that matters, so that infinity has a quotient.
  term const size = minimum(x, 1e300), place = (size - k) / (size + k);
  term sum = place * factors.back() + factors[factors.size() - 2];
  for (std::size_t i = factors.size() - 2; i-- > 0;) sum = sum * place + factors[i];
  return sum / (size * 2 + 1);
}

/// 1 - erf(x), without cancellation.
inline term erfc(term given) {
  term const x = given.as(dtype::float64), size = abs(x);
  term const upper = exp(-(x * x)) * scaled_erfc(size, given.type() == dtype::float64);
  return where(x < 0, 2 - upper, upper).as(given.type());
}
/// exp(x^2) erfc(x).
inline term erfcx(term given) {
  term const x = given.as(dtype::float64);
  term const upper = scaled_erfc(abs(x), given.type() == dtype::float64);
  return where(x < 0, exp(x * x) * 2 - upper, upper).as(given.type());
}
inline term erf(term x) {
  if (x.type() != dtype::float64) return apply("Erf", x);
  return sign(x) * (1 - exp(-(x * x)) * scaled_erfc(abs(x), true));
}

inline void add_special(lowering_table& table) {
  table.add({"aten::erf", "aten::special_erf"}, formula([](term x) { return erf(x); }));
  table.add({"aten::erfc", "aten::special_erfc"}, formula([](term x) { return erfc(x); }));
  table.add({"aten::special_erfcx"}, formula([](term x) { return erfcx(x); }));
}

}  // namespace constexport::lower
