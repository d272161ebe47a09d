/// tools/constexport_export/report.hpp: a comparison as one HTML page that needs no network.
#pragma once

#include "profile.hpp"
#include "summary.hpp"
#include <constexport/export/verify.hpp>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace constexport::command {

/// What a report shows.
struct report_content {
  std::string file, module;
  bound_contract bound;
  verification const* seen = nullptr;
  std::vector<node_time> times;                             ///< of ONNX Runtime's nodes
  std::vector<std::pair<std::string, std::size_t>> counts;  ///< of the file's nodes
};

namespace detail {

inline std::string escaped(std::string_view text) {
  std::string result;
  for (char const c : constexport::detail::readable(text)) {
    if (c == '&')
      result += "&amp;";
    else if (c == '<')
      result += "&lt;";
    else if (c == '>')
      result += "&gt;";
    else if (c == '"')
      result += "&quot;";
    else
      result += c;
  }
  return result;
}

inline std::string formatted(char const* format, double number) {
  char text[48];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

inline std::string shape_text(std::vector<std::int64_t> const& sizes) {
  std::string text = "[";
  for (std::size_t i = 0; i < sizes.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(sizes[i]);
  return text + "]";
}

/// Bars, one a decade of the difference; their heights are the logarithms of the counts, so that a single wrong element
/// among millions is seen.
inline std::string histogram(verified_output const& output, double atol) {
  error_distribution const& errors = output.errors;
  std::vector<std::pair<std::string, std::uint64_t>> bars{{"0", errors.equal}};
  for (std::size_t i = 0; i < errors.counts.size(); ++i)
    bars.emplace_back("1e" + std::to_string(error_distribution::lowest + static_cast<int>(i)), errors.counts[i]);
  bars.emplace_back("inf", errors.not_finite);
  constexpr int width = 34, height = 90, bottom = 104;
  double const top = std::log10(static_cast<double>(std::max<std::uint64_t>(errors.elements, 1)) + 1);
  std::string svg = "<svg role=\"img\" viewBox=\"0 0 " + std::to_string(width * static_cast<int>(bars.size())) +
                    " 122\" aria-label=\"" + escaped(output.name) + ": " + std::to_string(errors.equal) + " of " +
                    std::to_string(errors.elements) + " elements are equal, the largest difference is " +
                    formatted("%.2g", output.largest_error) + "\">";
  double const limit = atol > 0 ? std::log10(atol) - error_distribution::lowest : -1;
  for (std::size_t i = 0; i < bars.size(); ++i) {
    int const x = width * static_cast<int>(i);
    double const share = std::log10(static_cast<double>(bars[i].second) + 1) / top;
    int const length = bars[i].second > 0 ? std::max(2, static_cast<int>(share * height)) : 0;
    bool const beyond = i + 1 == bars.size() || (i > 0 && limit >= 0 && static_cast<double>(i) - 1 >= std::ceil(limit));
    svg += "<g><title>" + bars[i].first + ": " + std::to_string(bars[i].second) + " elements</title><rect class=\"" +
           (beyond ? "beyond" : "bar") + "\" x=\"" + std::to_string(x + 3) + "\" y=\"" +
           std::to_string(bottom - length) + "\" width=\"" + std::to_string(width - 6) + "\" height=\"" +
           std::to_string(length) + "\"/><text x=\"" + std::to_string(x + width / 2) + "\" y=\"118\">" + bars[i].first +
           "</text></g>";
  }
  return svg + "</svg>";
}

inline std::string bar_row(std::string const& name, std::string const& value, double share) {
  return "<tr><td><code>" + escaped(name) + "</code></td><td class=\"number\">" + value +
         "</td><td class=\"wide\"><svg role=\"presentation\" viewBox=\"0 0 200 10\" preserveAspectRatio=\"none\"><rect "
         "class=\"bar\" x=\"0\" y=\"0\" height=\"10\" width=\"" +
         formatted("%.1f", std::max(1.0, share * 200)) + "\"/></svg></td></tr>\n";
}

inline std::string contract_rows(std::string_view heading, std::span<tensor_row const> rows,
                                 bound_contract const& bound) {
  std::string text = "<tr><th colspan=\"3\">" + std::string(heading) + "</th></tr>\n";
  for (tensor_row const& row : rows) {
    std::string dims;
    dims_text{row.dims, bound.table->symbols}.print([&](char c) { dims += c; });
    text += "<tr><td><code>" + escaped(row.name) + "</code></td><td>" + std::string(name_of(row.type)) +
            "</td><td><code>[" + escaped(dims) + "]</code></td></tr>\n";
  }
  return text;
}

inline constexpr std::string_view style = R"(
:root { --ink: #1c2330; --faint: #5d6878; --line: #d8dee9; --ground: #fff; --bar: #0b5fa5; --bad: #b42318; --good: #067647; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ef; --faint: #98a2b3; --line: #344054; --ground: #12161d; --bar: #7cc0ff; --bad: #f97066; --good: #47cd89; }
}
body { margin: 0 auto; max-width: 980px; padding: 20px; font: 15px/1.45 system-ui, sans-serif; color: var(--ink); background: var(--ground); }
h1 { font-size: 21px; margin: 0; } h2 { font-size: 17px; margin: 30px 0 6px; } h3 { font-size: 15px; margin: 18px 0 4px; }
p { margin: 4px 0; } code { font: 13px ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; } td, th { text-align: left; padding: 3px 14px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--faint); font-weight: 500; } .number { text-align: right; white-space: nowrap; } .wide { width: 320px; }
.wide svg { width: 100%; height: 12px; } .faint { color: var(--faint); } .good { color: var(--good); } .bad { color: var(--bad); }
figure { margin: 8px 0 16px; } figure svg { width: 100%; max-width: 680px; } rect.bar { fill: var(--bar); } rect.beyond { fill: var(--bad); }
svg text { font: 9px ui-monospace, monospace; fill: var(--faint); text-anchor: middle; }
)";

}  // namespace detail

/// The page.
inline std::string report_page(report_content const& what) {
  using namespace detail;
  verification const& seen = *what.seen;
  contract const& table = *what.bound.table;
  std::string differences, body;
  for (verified_assignment const& each : seen.assignments) {
    std::string const sizes = each.sizes.empty() ? std::string("fixed sizes") : each.sizes;
    body += "<section class=\"assignment\"><h3>" + escaped(sizes) + "</h3>\n";
    if (!each.refused.empty()) {
      body += "<p class=\"faint\">The module does not take these sizes: " + escaped(each.refused) + "</p></section>\n";
      continue;
    }
    body += "<p class=\"faint\">LibTorch " + formatted("%.2f", each.libtorch_seconds * 1e3) + " ms, ONNX Runtime " +
            formatted("%.2f", each.onnxruntime_seconds * 1e3) + " ms</p>\n";
    for (verified_output const& output : each.outputs) {
      bool const ok = output.within_tolerance && output.obeys_contract();
      body += "<figure><figcaption><code>" + escaped(output.name) + "</code> " + shape_text(output.shape) +
              ", largest difference " + formatted("%.3g", output.largest_error) + ", mean " +
              formatted("%.3g", output.errors.mean()) + ", equal " + std::to_string(output.errors.equal) + " of " +
              std::to_string(output.errors.elements) + ": <strong class=\"" + (ok ? "good\">within" : "bad\">beyond") +
              " tolerance</strong></figcaption>" + histogram(output, seen.atol) + "</figure>\n";
      if (!output.within_tolerance)
        differences += "<li><code>" + escaped(output.name) + "</code> at " + escaped(sizes) +
                       ": values differ by up to " + formatted("%.3g", output.largest_error) + "</li>\n";
      if (!output.obeys_contract())
        differences += "<li><code>" + escaped(output.name) + "</code> at " + escaped(sizes) + ": the shape is " +
                       shape_text(output.shape) + ", the contract says " + shape_text(output.declared) + "</li>\n";
    }
    body += "</section>\n";
  }
  std::string page =
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
      "content=\"width=device-width, initial-scale=1\">\n<title>" +
      escaped(what.file) + ": ONNX Runtime against LibTorch</title>\n<style>" + std::string(style) +
      "</style>\n</head>\n<body>\n<h1>" + escaped(what.file) + "</h1>\n<p>against " + escaped(what.module) +
      ": <strong id=\"verdict\" class=\"" + (seen.ok() ? "good\">equal" : "bad\">different") + "</strong></p>\n";
  page += "<p class=\"faint\">|difference| &le; " + formatted("%.3g", seen.atol) + " + " +
          formatted("%.3g", seen.rtol) + " &middot; |expected|";
  if (seen.types.written != dtype::undefined)
    page += "; the file computes in " + std::string(name_of(seen.types.written)) + ", the module in " +
            std::string(name_of(seen.types.recorded));
  page += "</p>\n<h2>Differences</h2>\n";
  page += differences.empty() ? (seen.ok() ? "<p>None.</p>\n" : "<p class=\"bad\">Nothing could be compared.</p>\n")
                              : "<ul class=\"bad\">\n" + differences + "</ul>\n";
  page += "<h2>Contract</h2>\n<table id=\"contract\">\n" + contract_rows("inputs", table.inputs, what.bound) +
          contract_rows("outputs", table.outputs, what.bound) + "</table>\n";
  std::string axes;
  for (std::size_t const axis : free_axes(what.bound)) {
    symbol_row const& row = table.symbols[axis];
    axes += "<tr><td><code>" + escaped(row.name) + "</code></td><td class=\"number\">" + std::to_string(row.minimum) +
            "</td><td class=\"number\">" +
            (row.maximum > (std::int64_t{1} << 40) ? "any" : std::to_string(row.maximum)) +
            "</td><td class=\"number\">" + std::to_string(row.multiple) + "</td></tr>\n";
  }
  if (!axes.empty())
    page += "<h3>Axes</h3>\n<table><tr><th>axis</th><th>from</th><th>to</th><th>multiple of</th></tr>\n" + axes +
            "</table>\n";
  page +=
      "<h2>Errors</h2>\n<p class=\"faint\">Elements by the power of ten of their absolute difference; heights are "
      "logarithms.</p>\n" +
      body;
  if (!what.times.empty()) {
    page +=
        "<h2>Slowest node types</h2>\n<p class=\"faint\">As ONNX Runtime ran them, all assignments together: it "
        "joins nodes of the file.</p>\n<table id=\"slowest\"><tr><th>type</th><th>time</th><th></th></tr>\n";
    for (std::size_t i = 0; i < what.times.size() && i < 12; ++i)
      page += bar_row(what.times[i].type + " \xc3\x97 " + std::to_string(what.times[i].runs),
                      formatted("%.3f ms", what.times[i].seconds * 1e3),
                      what.times[0].seconds > 0 ? what.times[i].seconds / what.times[0].seconds : 0);
    page += "</table>\n";
  }
  page += "<h2>Most frequent node types</h2>\n<table id=\"frequent\"><tr><th>type</th><th>nodes</th><th></th></tr>\n";
  for (std::size_t i = 0; i < what.counts.size() && i < 12; ++i)
    page += bar_row(what.counts[i].first, std::to_string(what.counts[i].second),
                    static_cast<double>(what.counts[i].second) / static_cast<double>(what.counts[0].second));
  return page + "</table>\n</body>\n</html>\n";
}

}  // namespace constexport::command
