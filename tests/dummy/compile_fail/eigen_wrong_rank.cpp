// EXPECT: the Eigen object has another number of dimensions than the tensor
#include <constexport/adapters/eigen.hpp>
#include <constexport/models/bert.hpp>
using namespace constexport;
void fill(Eigen::Matrix<std::int64_t, 32, 1>& ids) { fill_eigen<"input_ids">(ids, BertOnnxConfig<>{}); }
