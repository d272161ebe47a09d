# shellcheck shell=bash disable=SC2154
# Distribution packages: with apt where this user may, else named. Sourced after say.sh.

as_root=()
may_install() {
  [ "$(id -u)" -ne 0 ] || return 0
  if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
    as_root=(sudo)
    return 0
  fi
  return 1
}

installed() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

# A program that the user brought along counts as well as the package that has it.
provided() {
  case $1 in
    meson) [ "$(printf '1.0.0\n%s\n' "$(meson --version 2>/dev/null || echo 0)" | sort -V | head -1)" = 1.0.0 ] ;;
    ninja-build) ninja --version >/dev/null 2>&1 ;;
    g++) g++ -std=c++20 -x c++ -fsyntax-only - </dev/null 2>/dev/null ;;
    cmake) cmake --version >/dev/null 2>&1 ;;
    pkg-config) pkg-config --version >/dev/null 2>&1 ;;
    libtorch-dev) [ -n "${LIBTORCH:-}${Torch_DIR:-}" ] ;;
    libonnxruntime-dev) [ -n "${ONNXRUNTIME_ROOT:-}${onnxruntime_DIR:-}" ] ;;
    *arm-none-eabi*) arm-none-eabi-g++ -std=c++20 -x c++ -fsyntax-only - <<<'#include <array>' 2>/dev/null ;;
    qemu-system-arm) qemu-system-arm --version >/dev/null 2>&1 ;;
    *) false ;;
  esac
}

apt_get() { "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -o Dpkg::Use-Pty=0 "$@"; }

count_fetched() { count_download "$(to_bytes "$(sed -n 's/^Fetched \([^ ]* [kMG]\?B\) in.*/\1/p')")"; }

apt_update() { apt_get update | tee /dev/stderr | count_fetched; }

# apt_packages NAME...: installs what is missing.
apt_packages() {
  local name missing=() need
  for name in "$@"; do installed "$name" || provided "$name" || missing+=("$name"); done
  [ ${#missing[@]} -gt 0 ] || return 0
  if ! may_install; then
    die "these packages are missing, and this user may not install them:" \
      "  apt-get install --no-install-recommends ${missing[*]}" \
      "Install them (as root), then run this again."
  fi
  # An empty system has no package lists, and old ones name files that are gone.
  if [ -z "${apt_updated:-}" ]; then
    step "reading the distribution's package lists" apt_update
    apt_updated=1
  fi
  need=$(apt_get install --no-install-recommends --assume-no "${missing[@]}" 2>/dev/null | sed -n 's/^Need to get \([^ ]* [kMG]\?B\).*/\1/p') || true
  count_download "$(to_bytes "${need:-0 B}")"
  step "installing ${#missing[@]} distribution packages (${need:-nothing} to download): ${missing[*]}" \
    apt_get install -y --no-install-recommends "${missing[@]}"
}

# "250 MB", "1,234 kB" or "61.4 MB/250 MB" (part of it is in the cache) in bytes.
to_bytes() {
  awk -v text="${1%%/*}" -v whole="$1" 'BEGIN {
    gsub(",", "", text); split(text, a, " "); split(whole, w, " ");
    unit = w[2]; f = unit == "kB" ? 1e3 : unit == "MB" ? 1e6 : unit == "GB" ? 1e9 : 1;
    printf "%d\n", a[1] * f }'
}

# ---- packages of another release, unpacked into .deps and never installed ---------------------------------------------
# apt gets a configuration of its own (sources, lists, cache), so the system's sources stay as they are.

private_apt() { apt-get -q -c "$deps/apt/apt.conf" "$@"; }

# The mirror that this system itself uses for its release.
debian_mirror() {
  local codename=$1 lines
  # shellcheck disable=SC2016 # apt's own placeholders
  lines=$(apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Identifier: Packages' 2>/dev/null | sort -u)
  { grep -E " ($codename|stable|oldstable)/? main$" <<<"$lines" || grep -E " $codename" <<<"$lines"; } | head -1 | cut -d' ' -f1
}

private_apt_update() { private_apt update | tee /dev/stderr | count_fetched; }

private_apt_setup() {
  local codename=$1 mirror signed="" suite
  shift
  mirror=$(debian_mirror "$codename")
  [ -n "$mirror" ] || die "no Debian mirror for $codename in this system's apt sources; add one, or install Catch2 3 and ONNX Runtime yourself and use --no-setup"
  [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ] || signed="[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] "
  mkdir -p "$deps/apt/lists/partial" "$deps/apt/cache/archives/partial"
  for suite in "$@"; do echo "deb $signed$mirror $suite main"; done >"$deps/apt/sources.list"
  cat >"$deps/apt/apt.conf" <<CONF
Dir::Etc::sourcelist "$deps/apt/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$deps/apt/lists";
Dir::Cache "$deps/apt/cache";
APT::Sandbox::User "$(id -un)";
Acquire::Languages "none";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
CONF
}

# unpack_debs PACKAGE/SUITE...: downloads them and unpacks them into .deps/usr.
unpack_debs() {
  local folder="$deps/apt/debs" file
  rm -rf "$folder" && mkdir -p "$folder"
  (cd "$folder" && private_apt download "$@")
  for file in "$folder"/*.deb; do
    count_download "$(stat -c %s "$file")"
    dpkg-deb -x "$file" "$deps"
  done
  rm -rf "$folder"
}
