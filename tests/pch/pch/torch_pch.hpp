#ifndef CONSTEXPORT_TORCH_PCH
#define CONSTEXPORT_TORCH_PCH
// What every test program that links LibTorch includes anyway: parsed once instead of once per file (30 s of g++ each).
#include <ATen/FunctionalTensorWrapper.h>
#include <ATen/record_function.h>
#include <torch/script.h>
#include <torch/torch.h>

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#endif
