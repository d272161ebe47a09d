// EXPECT: the Eigen object is not row-major and contiguous
#include <constexport/adapters/eigen.hpp>
#include <constexport/models/bert.hpp>
using namespace constexport;
void fill(Eigen::Matrix<std::int64_t, 2, 16>& ids) { fill_eigen<"input_ids">(ids, BertOnnxConfig<>{}); }
