// `constexport header` alone, for builds that need nothing else of the command: projects that have the library as a
// subproject build it within seconds.
#include "header_command.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <exception>

using namespace constexport::command;

int main(int argc, char** argv) {
  try {
    CLI::App app("Describes an ONNX file as a C++ header.", "constexport");
    app.require_subcommand(1);
    header_arguments given;
    add_header(*app.add_subcommand("header", "Write what a file declares as a C++ header."), given);
    refuse_empty(app);
    try {
      app.parse(argc, argv);
    } catch (CLI::ParseError const& error) {
      return app.exit(error) == 0 ? 0 : usage_exit_code;
    }
    return run_header(given);
  } catch (usage_error const& error) {
    say(error);
    return usage_exit_code;
  } catch (std::exception const& error) {
    say(error);
    return file_exit_code;
  }
}
