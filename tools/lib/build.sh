# shellcheck shell=bash disable=SC2154
# Configuring and building with Meson. Sourced after say.sh.

# configure FOLDER [OPTION ...]: sets up a build folder, again where the set-up scripts have added something since.
configure() {
  local folder=$1 ready newer=""
  shift
  for ready in "$deps"/ready-*; do
    if [ "$ready" -nt "$folder/build.ninja" ]; then newer=yes; fi
  done
  if [ ! -e "$folder/build.ninja" ]; then
    step "configuring ${folder#"$root"/}" meson setup "$folder" "$root" "$@"
  elif [ -n "$newer" ]; then
    step "configuring ${folder#"$root"/} again" meson setup --reconfigure "$folder" "$root" "$@"
  else
    return 0
  fi
  sed -n '/^  Parts/,/^ *$/p; /^  Programs/,/^ *$/p' "$folder/meson-logs/meson-log.txt"
}

# build FOLDER [TARGET ...]
build() {
  local folder=$1
  shift
  # Asked first, so that a second run says nothing about a build that has nothing to do.
  ! ninja -C "$folder" -n "$@" 2>/dev/null | grep -q 'no work to do' || return 0
  STEP_LOG_LINES=80 step "compiling (first time: about half a minute for each file with LibTorch's headers)" \
    ninja -C "$folder" -j "$(jobs)" -k "${BUILD_KEEP_GOING:-1}" "$@"
}

# check_onnx FOLDER FILE: the official checker; for a file too new for this system's library, the one in the virtual environment.
check_onnx() {
  local status=0
  if [ -x "$1/tools/onnx_check" ]; then
    "$1/tools/onnx_check" "$2" || status=$?
    [ "$status" -eq 3 ] || return "$status"
  fi
  if [ -x "$deps/venv/bin/python3" ] && "$deps/venv/bin/python3" -c 'import onnx' 2>/dev/null; then
    "$deps/venv/bin/python3" "$root/tools/onnx_check.py" "$2"
  elif python3 -c 'import onnx' 2>/dev/null; then
    python3 "$root/tools/onnx_check.py" "$2"
  else
    die "no official checker here knows this file's opset: install the \`onnx\` Python package, or run tools/setup"
  fi
}
