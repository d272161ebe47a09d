// EXPECT: the Eigen object's scalar is not the tensor's dtype
#include <constexport/adapters/eigen.hpp>
#include <constexport/models/bert.hpp>
using namespace constexport;
void fill(Eigen::Matrix<int, 2, 16, Eigen::RowMajor>& ids) { fill_eigen<"input_ids">(ids, BertOnnxConfig<>{}); }
