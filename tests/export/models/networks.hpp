/// export/models/networks.hpp: a perceptron, and convolutional networks for images.
///
/// Room: tests. Includes LibTorch only.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <memory>

namespace test_models {

using namespace torch::nn;

/// A multi-layer perceptron.
struct mlp : Module {
  mlp(std::int64_t inputs, std::int64_t width, std::int64_t outputs)
      : layers(register_module(
            "layers", Sequential(Linear(inputs, width), LayerNorm(LayerNormOptions({width})), GELU(), Dropout(0.1),
                                 Linear(width, width), Tanh(), Linear(width, outputs)))) {}

  torch::Tensor forward(torch::Tensor const& x) { return torch::log_softmax(layers->forward(x), -1); }

  Sequential layers;
};

/// LeNet-5 (LeCun et al. 1998) for images of 28 x 28.
struct lenet : Module {
  lenet()
      : conv1(register_module("conv1", Conv2d(Conv2dOptions(1, 6, 5).padding(2)))),
        conv2(register_module("conv2", Conv2d(6, 16, 5))),
        fc1(register_module("fc1", Linear(16 * 5 * 5, 120))),
        fc2(register_module("fc2", Linear(120, 84))),
        fc3(register_module("fc3", Linear(84, 10))) {}

  torch::Tensor forward(torch::Tensor const& image) {
    torch::Tensor x = torch::max_pool2d(torch::relu(conv1(image)), 2);
    x = torch::max_pool2d(torch::relu(conv2(x)), 2).flatten(1);
    return fc3(torch::relu(fc2(torch::relu(fc1(x)))));
  }

  Conv2d conv1, conv2;
  Linear fc1, fc2, fc3;
};

/// A convolution without bias and its normalisation, as residual networks repeat them.
inline Sequential conv_norm(std::int64_t from, std::int64_t to, std::int64_t kernel, std::int64_t stride,
                            std::int64_t groups = 1) {
  return Sequential(
      Conv2d(Conv2dOptions(from, to, kernel).stride(stride).padding(kernel / 2).groups(groups).bias(false)),
      BatchNorm2d(to));
}

/// The basic block of ResNet (He et al. 2015).
struct residual_block : Module {
  residual_block(std::int64_t from, std::int64_t to, std::int64_t stride)
      : first(register_module("first", conv_norm(from, to, 3, stride))),
        second(register_module("second", conv_norm(to, to, 3, 1))) {
    if (stride != 1 || from != to) shortcut = register_module("shortcut", conv_norm(from, to, 1, stride));
  }

  torch::Tensor forward(torch::Tensor const& x) {
    torch::Tensor y = second->forward(first->forward(x).relu_());
    y += shortcut.is_empty() ? x : shortcut->forward(x);
    return y.relu_();
  }

  Sequential first, second, shortcut{nullptr};
};

/// ResNet-18, `width` channels in its first stage.
struct resnet18 : Module {
  resnet18(std::int64_t width, std::int64_t labels)
      : stem(register_module("stem", conv_norm(3, width, 7, 2))),
        stages(register_module("stages", Sequential())),
        classifier(register_module("classifier", Linear(8 * width, labels))) {
    std::int64_t from = width;
    for (std::int64_t const factor : {1, 2, 4, 8})
      for (int block = 0; block < 2; ++block) {
        stages->push_back(residual_block(from, factor * width, factor > 1 && block == 0 ? 2 : 1));
        from = factor * width;
      }
  }

  torch::Tensor forward(torch::Tensor const& image) {
    torch::Tensor x = torch::max_pool2d(torch::relu(stem->forward(image)), 3, 2, 1);
    x = torch::adaptive_avg_pool2d(stages->forward(x), {1, 1});
    return classifier(x.flatten(1));
  }

  Sequential stem, stages;
  Linear classifier;
};

/// An inverted residual (Sandler et al. 2018) with the squeeze and excitation of Hu et al. 2017.
struct inverted_residual : Module {
  inverted_residual(std::int64_t from, std::int64_t to, std::int64_t stride)
      : is_residual(stride == 1 && from == to),
        expand(register_module("expand", conv_norm(from, 4 * from, 1, 1))),
        depthwise(register_module("depthwise", conv_norm(4 * from, 4 * from, 3, stride, 4 * from))),
        squeeze(register_module("squeeze", Conv2d(4 * from, from, 1))),
        excite(register_module("excite", Conv2d(from, 4 * from, 1))),
        project(register_module("project", conv_norm(4 * from, to, 1, 1))) {}

  torch::Tensor forward(torch::Tensor const& x) {
    torch::Tensor y = torch::hardswish(depthwise->forward(torch::relu6(expand->forward(x))));
    y = y * torch::hardsigmoid(excite(torch::relu(squeeze(y.mean({2, 3}, true)))));
    y = project->forward(y);
    return is_residual ? x + y : y;
  }

  bool is_residual;
  Sequential expand, depthwise;
  Conv2d squeeze, excite;
  Sequential project;
};

/// A small network of such blocks.
struct mobilenet : Module {
  explicit mobilenet(std::int64_t labels)
      : features(register_module("features", Sequential(conv_norm(3, 8, 3, 2)))),
        classifier(register_module("classifier", Linear(24, labels))) {
    features->push_back(ReLU6());
    features->push_back(inverted_residual(8, 8, 1));
    features->push_back(inverted_residual(8, 16, 2));
    features->push_back(inverted_residual(16, 16, 1));
    features->push_back(inverted_residual(16, 24, 2));
  }

  torch::Tensor forward(torch::Tensor const& image) {
    return classifier(torch::dropout(features->forward(image).mean({2, 3}), 0.2, is_training()));
  }

  Sequential features;
  Linear classifier;
};

/// U-Net (Ronneberger et al. 2015) with two halvings: one goes back by a transposed convolution, one by interpolation.
struct u_net : Module {
  u_net(std::int64_t channels, std::int64_t width, std::int64_t classes)
      : down1(register_module("down1", twice(channels, width))),
        down2(register_module("down2", twice(width, 2 * width))),
        middle(register_module("middle", twice(2 * width, 4 * width))),
        up(register_module("up", ConvTranspose2d(ConvTranspose2dOptions(4 * width, 2 * width, 2).stride(2)))),
        up2(register_module("up2", twice(4 * width, 2 * width))),
        up1(register_module("up1", twice(3 * width, width))),
        head(register_module("head", Conv2d(width, classes, 1))) {}

  torch::Tensor forward(torch::Tensor const& image) {
    torch::Tensor const high = down1->forward(image);
    torch::Tensor const low = down2->forward(torch::max_pool2d(high, 2));
    torch::Tensor x = up(middle->forward(torch::max_pool2d(low, 2)));
    x = up2->forward(torch::cat({low, x}, 1));
    x = functional::interpolate(x, functional::InterpolateFuncOptions()
                                       .size(std::vector<std::int64_t>{high.size(2), high.size(3)})
                                       .mode(torch::kBilinear)
                                       .align_corners(false));
    return head(up1->forward(torch::cat({high, x}, 1)));
  }

  static Sequential twice(std::int64_t from, std::int64_t to) {
    return Sequential(Conv2d(Conv2dOptions(from, to, 3).padding(1)), GroupNorm(2, to), SiLU(),
                      Conv2d(Conv2dOptions(to, to, 3).padding(1)), InstanceNorm2d(to), LeakyReLU());
  }

  Sequential down1, down2, middle;
  ConvTranspose2d up;
  Sequential up2, up1;
  Conv2d head;
};

}  // namespace test_models
