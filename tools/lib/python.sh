# shellcheck shell=bash disable=SC2154
# Parts that only the Python package index has: fetched with pip, wheels unpacked without Python's help in use.
# Sourced after say.sh. pip's own settings (PIP_*, pip.conf) are respected.

export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore PIP_NO_INPUT=1

pip_any() {
  if [ -x "$deps/venv/bin/pip" ]; then "$deps/venv/bin/pip" "$@"; else python3 -m pip "$@"; fi
}

# fetch_wheel PACKAGE FOLDER: downloads one wheel (nothing it depends on) into FOLDER.
fetch_wheel() {
  rm -rf "$2" && mkdir -p "$2"
  pip_any download -q --no-deps --only-binary :all: -d "$2" "$1"
  count_download "$(cat "$2"/*.whl | wc -c)"
}

make_venv() {
  [ -x "$deps/venv/bin/pip" ] || { rm -rf "$deps/venv" && python3 -m venv "$deps/venv"; }
}

# venv_packages PACKAGE...: into the virtual environment in .deps. pip's own download report gives the size.
venv_packages() {
  local log="$deps/log/pip-install.log"
  mkdir -p "$deps/log"
  make_venv
  "$deps/venv/bin/pip" install --progress-bar off "$@" | tee "$log"
  count_download "$(sed -n 's/.*Downloading .*(\([0-9.]*\) \([kM]B\)).*/\1 \2/p' "$log" |
    awk '{ s += $1 * ($2 == "MB" ? 1e6 : 1e3) } END { printf "%d", s }')"
}

venv_has() { "$deps/venv/bin/python3" -c "import $1" 2>/dev/null; }
