/// export/lower/grid.hpp: elements of an image at the places that a grid tells, and grids of affine maps.
///
/// Room: export/lower. Includes windows.hpp. lower.hpp collects the families. ONNX's GridSample has images of two axes
/// from opset 16 and of three from opset 20; before, and for float64, the neighbours are gathered and weighed here.
#pragma once

#include <constexport/export/lower/windows.hpp>
#include <constexport/export/lowering_table.hpp>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace constexport::lower {

enum class grid_mode { linear, nearest, cubic };
enum class grid_padding { zeros, border, reflection };

/// Samples of an image by gathering neighbours. Coordinates are [batch, samples].
class grid_sampling {
 public:
  grid_sampling(builder& b, value_id image, value_id grid, grid_mode mode, grid_padding padding, bool align_corners)
      : b_(b),
        mode_(mode),
        padding_(padding),
        align_(align_corners),
        image_(image),
        grid_(grid),
        type_(b.type(image)) {}

  value_id operator()() {
    dim_list const from = b_.dims(image_), places = b_.dims(grid_);
    dim_list const made(places.begin() + 1, places.end() - 1);
    dim const samples = b_.g.dims.product(made), plane = b_.g.dims.product({from.begin() + 2, from.end()});
    std::size_t const axes = from.size() - 2;
    value_id const grid = b_.reshape(grid_, {places[0], samples, places.back()});
    value_id const elements = b_.swap(b_.reshape(image_, {from[0], from[1], plane}), 1, 2);
    std::vector<std::vector<neighbour>> along;
    for (std::size_t i = 0; i < axes; ++i)
      along.push_back(neighbours(coordinate(grid, static_cast<std::int64_t>(axes - 1 - i), from[2 + i]), from[2 + i]));
    value_id total = no_value;
    std::size_t corners = 1;
    for (auto const& each : along) corners *= each.size();
    for (std::size_t corner = 0; corner < corners; ++corner) {
      value_id place = no_value, weight = no_value;
      std::size_t rest = corner;
      for (std::size_t i = 0; i < axes; ++i) {
        neighbour const& chosen = along[i][rest % along[i].size()];
        rest /= along[i].size();
        place = place == no_value ? chosen.place : add(multiply(place, b_.size_tensor(from[2 + i])), chosen.place);
        if (chosen.weight != no_value) weight = weight == no_value ? chosen.weight : multiply(weight, chosen.weight);
      }
      value_id sample = b_.node("GatherND", {elements, b_.unsqueeze(place, {2})}, {{"batch_dims", std::int64_t{1}}},
                                type_, {from[0], samples, from[1]});
      if (weight != no_value) sample = multiply(sample, b_.unsqueeze(weight, {2}));
      total = total == no_value ? sample : add(total, sample);
    }
    dim_list sizes{from[0], from[1]};
    sizes.insert(sizes.end(), made.begin(), made.end());
    return b_.reshape(b_.swap(total, 1, 2), sizes);
  }

 private:
  struct neighbour {
    value_id place;   // int64, within the axis
    value_id weight;  // no value: 1
  };

  value_id number(double value) { return b_.scalar(value, type_); }
  value_id add(value_id x, value_id y) { return b_.broadcast("Add", {x, y}); }
  value_id subtract(value_id x, value_id y) { return b_.broadcast("Sub", {x, y}); }
  value_id multiply(value_id x, value_id y) { return b_.broadcast("Mul", {x, y}); }
  value_id size(dim of) { return b_.cast(b_.size_tensor(of), type_); }

  // From -1 .. 1 to elements of the axis.
  value_id coordinate(value_id grid, std::int64_t component, dim length) {
    value_id const place = add(b_.gather(grid, b_.scalar(component, dtype::int64), 2), number(1));
    value_id c = no_value;
    if (align_)
      c = multiply(place, multiply(size(b_.g.dims.add(length, -1)), number(0.5)));
    else
      c = multiply(subtract(multiply(place, size(length)), number(1)), number(0.5));
    return mode_ == grid_mode::cubic ? c : within(c, length);
  }

  // Back into the image, unless there are zeros around it.
  value_id within(value_id c, dim length) {
    if (padding_ == grid_padding::zeros) return c;
    if (padding_ == grid_padding::reflection) c = reflected(c, length);
    return clipped(c, length);
  }
  value_id clipped(value_id c, dim length) {
    return b_.broadcast("Min", {b_.broadcast("Max", {c, number(0)}), size(b_.g.dims.add(length, -1))});
  }
  // To and fro between the first and the last element (or their outer edges): a triangle wave.
  value_id reflected(value_id c, dim length) {
    double const low = align_ ? 0 : -0.5;
    value_id span = size(align_ ? b_.g.dims.add(length, -1) : length);
    if (align_) span = b_.broadcast("Max", {span, number(1)});
    value_id const distance = b_.unary("Abs", subtract(c, number(low)));
    value_id const phase =
        b_.node("Mod", {distance, multiply(span, number(2))}, {{"fmod", std::int64_t{1}}}, type_, b_.dims(distance));
    return add(subtract(span, b_.unary("Abs", subtract(phase, span))), number(low));
  }

  // The element at a whole coordinate, which may lie outside.
  neighbour at(value_id place, value_id weight, dim length) {
    if (mode_ == grid_mode::cubic) place = within(place, length);
    value_id const kept = clipped(place, length);
    if (padding_ == grid_padding::zeros) {
      value_id const inside = b_.cast(b_.broadcast("Equal", {place, kept}, dtype::boolean), type_);
      weight = weight == no_value ? inside : multiply(weight, inside);
    }
    return {b_.cast(kept, dtype::int64), weight};
  }

  std::vector<neighbour> neighbours(value_id c, dim length) {
    if (mode_ == grid_mode::nearest) return {at(b_.unary("Round", c), no_value, length)};
    value_id const below = b_.unary("Floor", c), rest = subtract(c, below);
    if (mode_ == grid_mode::linear)
      return {at(below, subtract(number(1), rest), length), at(add(below, number(1)), rest, length)};
    std::vector<neighbour> result;
    for (int i = -1; i <= 2; ++i)
      result.push_back(at(add(below, number(i)), cubic(subtract(rest, number(i)), i == 0 || i == 1), length));
    return result;
  }

  // Keys' cubic convolution with a = -0.75, of a distance below 1 or between 1 and 2.
  value_id cubic(value_id distance, bool near) {
    constexpr double a = -0.75;
    value_id const d = b_.unary("Abs", distance);
    if (near) return add(multiply(multiply(subtract(multiply(d, number(a + 2)), number(a + 3)), d), d), number(1));
    value_id const inner = add(multiply(subtract(d, number(5)), d), number(8));
    return multiply(subtract(multiply(inner, d), number(4)), number(a));
  }

  builder& b_;
  grid_mode mode_;
  grid_padding padding_;
  bool align_;
  value_id image_, grid_;
  dtype type_;
};

inline value_list grid_sample(call& c, builder& b) {
  value_id const image = c.tensor("input"), grid = c.tensor("grid");
  auto const mode = static_cast<grid_mode>(c.integer("interpolation_mode"));
  auto const padding = static_cast<grid_padding>(c.integer("padding_mode"));
  bool const align_corners = c.flag("align_corners"), renamed = b.g.opset >= 20;
  dtype const type = b.type(image);
  if (!renamed && (b.rank(image) > 4 || type == dtype::float64))
    return {grid_sampling(b, image, grid, mode, padding, align_corners)()};
  constexpr char const* modes[][3] = {{"bilinear", "nearest", "bicubic"}, {"linear", "nearest", "cubic"}};
  constexpr char const* paddings[] = {"zeros", "border", "reflection"};
  dim_list sizes = b.dims(image);
  dim_list const made = b.dims(grid);
  for (std::size_t i = 2; i < sizes.size(); ++i) sizes[i] = made[i - 1];
  return {b.node("GridSample", {image, grid},
                 {{"align_corners", std::int64_t{align_corners ? 1 : 0}},
                  {"mode", std::string(modes[renamed ? 1 : 0][static_cast<std::size_t>(mode)])},
                  {"padding_mode", std::string(paddings[static_cast<std::size_t>(padding)])}},
                 type, sizes)};
}

/// -1 .. 1 in equal steps between the middles of the first and the last element, or of their outer edges, as LibTorch
/// does for an affine grid.
inline value_id unit_positions(builder& b, dim count, bool align_corners, dtype type) {
  value_id const places = b.cast(positions(b, count), type);
  auto const number = [&](double value) { return b.scalar(value, type); };
  // (2 i - (n - 1)) / n, or by n - 1, of which one element is in the middle.
  value_id const centred = b.broadcast(
      "Sub", {b.broadcast("Mul", {places, number(2)}), b.cast(b.size_tensor(b.g.dims.add(count, -1)), type)});
  value_id const length = b.cast(b.size_tensor(align_corners ? b.g.dims.add(count, -1) : count), type);
  return b.broadcast("Div", {centred, b.broadcast("Max", {length, number(1)})});
}

/// theta [batch, axes, axes + 1] as a grid [batch, sizes..., axes].
inline value_list affine_grid(call& c, builder& b) {
  value_id const theta = c.tensor("theta");
  dim_list const size = c.sizes("size");
  bool const align_corners = c.flag("align_corners");
  dtype const type = b.type(theta);
  std::size_t const axes = size.size() - 2;
  dim_list const plane(size.begin() + 2, size.end());
  dim_list spread = plane;
  spread.push_back(b.g.dims.number(1));
  value_list parts;
  for (std::size_t i = axes; i-- > 0;) {
    integer_list behind;
    for (std::size_t k = i + 1; k <= axes; ++k) behind.push_back(static_cast<std::int64_t>(k - i));
    parts.push_back(b.expand(b.unsqueeze(unit_positions(b, plane[i], align_corners, type), behind), spread));
  }
  parts.push_back(b.full(spread, 1, type));
  dim const count = b.g.dims.product(plane);
  value_id const base = b.reshape(b.concat(parts, -1), {count, b.g.dims.number(static_cast<std::int64_t>(axes) + 1)});
  dim_list made{b.dims(theta)[0]};
  made.insert(made.end(), plane.begin(), plane.end());
  made.push_back(b.g.dims.number(static_cast<std::int64_t>(axes)));
  return {b.reshape(b.matmul(base, b.swap(theta, 1, 2)), made)};
}

inline void add_grid(lowering_table& table) {
  table.add(
      {"aten::grid_sampler", "aten::grid_sampler_2d", "aten::grid_sampler_3d", "aten::_grid_sampler_2d_cpu_fallback"},
      grid_sample);
  table.add({"aten::affine_grid_generator"}, affine_grid);
}

}  // namespace constexport::lower
