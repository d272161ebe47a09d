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
  [ -x "$1/bin/pip" ] || { rm -rf "$1" && python3 -m venv "$1"; }
}

pip_log="$deps/log/pip-install.log"

# pip_install FOLDER PACKAGE...: into a virtual environment, which is made if need be. pip's own download report gives the size.
pip_install() {
  local folder=$1
  shift
  mkdir -p "$deps/log"
  make_venv "$folder"
  "$folder/bin/pip" install --progress-bar off "$@" 2>&1 | tee "$pip_log" || return
  count_download "$(sed -n 's/.*Downloading .*(\([0-9.]*\) \([kMG]B\)).*/\1 \2/p' "$pip_log" |
    awk '{ s += $1 * ($2 == "GB" ? 1e9 : $2 == "MB" ? 1e6 : 1e3) } END { printf "%d", s }')"
}

venv_has() { "$deps/venv/bin/python3" -c "import $1" 2>/dev/null; }
