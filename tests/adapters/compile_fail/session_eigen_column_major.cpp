// EXPECT: the Eigen object is not row-major and contiguous
#include <constexport/adapters/session_eigen.hpp>

using namespace constexport;

auto fed(Eigen::Matrix<float, 3, 4> const& matrix) { return feed<"pixel_values">(matrix); }
