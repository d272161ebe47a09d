/// tools/constexport/axes.hpp: the sizes of dummies, given as Optimum's arguments of the same names.
#pragma once

#include "request.hpp"
#include <constexport/check/refusals.hpp>
#include <constexport/dummy/shapes.hpp>

#include <charconv>
#include <deque>
#include <string>
#include <vector>

namespace constexport::command {

/// Optimum's shape arguments. It accepts all of them for every model, and most models need few.
inline constexpr std::string_view optimum_arguments[] = {"batch_size",
                                                         "text_batch_size",
                                                         "sequence_length",
                                                         "num_choices",
                                                         "width",
                                                         "height",
                                                         "image_width",
                                                         "image_height",
                                                         "num_channels",
                                                         "point_batch_size",
                                                         "nb_points_per_image",
                                                         "visual_seq_length",
                                                         "feature_size",
                                                         "nb_max_frames",
                                                         "audio_sequence_length",
                                                         "encoder_sequence_length",
                                                         "past_sequence_length"};

/// `NAME=SIZE` as it was given.
struct axis_size {
  std::string name;
  std::int64_t size = 0;
};

inline axis_size parse_axis(std::string const& text, std::string const& option = "--axis") {
  std::size_t const sign = text.find('=');
  axis_size result{text.substr(0, sign), 0};
  bool ok = sign != std::string::npos && sign > 0 && sign + 1 < text.size();
  if (ok) {
    auto const [end, error] = std::from_chars(text.data() + sign + 1, text.data() + text.size(), result.size);
    ok = error == std::errc{} && end == text.data() + text.size();
  }
  if (!ok) throw usage_error(option + " \"" + text + "\": expected NAME=SIZE, for example batch_size=4");
  if (result.size < 0) throw usage_error(option + " \"" + text + "\": a size is not negative; give 0 or more");
  return result;
}

/// The sizes of all axes for a contract's dummies. What Optimum would ignore is named in `ignored`. Throws usage_error.
inline dummy_sizes size_axes(bound_contract const& bound, std::vector<axis_size> const& given,
                             std::vector<std::string>& ignored) {
  std::span<symbol_row const> const symbols = bound.table->symbols;
  std::deque<symbol_row> rows;
  std::vector<setting> settings;
  for (axis_size const& each : given) {
    std::size_t const index = find_symbol(symbols, each.name, true);
    bool const here = index < symbols.size();
    bool used = here;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < symbols.size(); ++i)
      if (symbols[i].is_axis) {
        if (bound.values[i] == unknown) names.emplace_back(symbols[i].name);
        used = used || symbols[i].follows == each.name;
      }
    if (!used || (here && bound.values[index] != unknown)) {
      if (!here && std::ranges::find(optimum_arguments, each.name) == std::end(optimum_arguments))
        throw usage_error(refusals::no_axis(each.name, nearest(each.name, names, 100)));
      ignored.push_back(each.name);
      continue;
    }
    setting one;
    symbol_row free_axis;
    free_axis.name = each.name;
    free_axis.is_axis = true;
    one.symbol = here ? &symbols[index] : &rows.emplace_back(free_axis);
    one.value = each.size;
    std::erase_if(settings, [&](setting const& other) { return other.symbol->name == each.name; });  // the last counts
    settings.push_back(one);
  }
  dummy_sizes const sizes = constexport::size_axes(bound, settings);
  if (!sizes.status.ok()) {
    std::string message;
    sizes.status.print([&](char c) { message += c; });
    throw usage_error("--axis: " + message);
  }
  return sizes;
}

}  // namespace constexport::command
