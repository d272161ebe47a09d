# shellcheck shell=bash disable=SC2154
# The Python tools that read what `constexport emit` and `pin` write, in a virtual environment of their own: in their
# current versions, as users have them. Sourced after say.sh, python.sh and peers.sh.

readers="$deps/readers-venv"
readers_packages=(onnx onnxruntime onnxruntime-genai openvino polygraphy "tritonclient[grpc]" emx-onnx-cgen torch)

has_reader() {
  "$readers/bin/python3" -c 'import importlib.metadata as m, sys; m.version(sys.argv[1])' "$1" 2>/dev/null
}

# install_reader PACKAGE FILE: not every tool has a wheel for every Python. That is an answer, kept in FILE so that it is
# asked for once; a registry that does not answer is an error.
install_reader() {
  local package=$1 version
  if [ "$package" = torch ]; then
    version=$(cpu_torch "$readers") || { echo "no CPU build for this Python, and the other one is several GB" >"$2" && return; }
    package="torch==$version"
  fi
  pip_install "$readers" --no-compile --only-binary :all: "$package" && return
  grep -qE 'No matching distribution found|ResolutionImpossible' "$pip_log" && ! grep -q 'Retrying (' "$pip_log" || return
  echo "no wheel for this Python" >"$2"
}

reading_tools() {
  local package name none
  for package in "${readers_packages[@]}"; do
    name=${package%%[*} none="$readers/no-$name"
    has_reader "$name" || [ -e "$none" ] || step "installing a reader of the tests' files: $name" install_reader "$package" "$none"
    [ ! -e "$none" ] || say "left out: $name ($(cat "$none")); the test cases that need it are skipped"
  done
}
