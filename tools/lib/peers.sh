# shellcheck shell=bash disable=SC2154
# The Python packages that the benchmarks compare with, in a virtual environment of their own: the tests and the
# examples must not find them. Sourced after say.sh and python.sh.

peers="$deps/bench-venv"

# The interpreter with the peers, or nothing: the user's own (CONSTEXPORT_PEERS), or what was set up here.
peers_python() {
  local python=${CONSTEXPORT_PEERS:-$peers/bin/python3}
  local all='import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ("torch", "transformers", "optimum"))))'
  ! "$python" -c "$all" 2>/dev/null || echo "$python"
}

# cpu_torch FOLDER: the newest CPU build of PyTorch that pip can see there. On the package index the wheels for Linux are
# CUDA builds of several GB; CPU builds carry their label in folders or indexes that pip's own settings name.
cpu_torch() {
  "$1/bin/pip" index versions torch 2>/dev/null |
    sed -n 's/^Available versions: //p' | tr ',' '\n' | tr -d ' ' | grep -m1 '+cpu$'
}

# A distribution's own PyTorch is a CPU build. Older ones lack an exporter to compare with.
distribution_torch() {
  local version
  version=$(apt-cache policy python3-torch 2>/dev/null | sed -n 's/^ *Candidate: //p')
  [ -x /usr/bin/python3 ] && [ "$(printf '2.5\n%s\n' "${version:-0}" | sort -V | head -1)" = 2.5 ]
}

bench_peers() {
  local torch=${CONSTEXPORT_TORCH:-} version
  [ -z "$(peers_python)" ] || return 0
  make_venv "$peers"
  if [ -z "$torch" ] && version=$(cpu_torch "$peers"); then torch="torch==$version"; fi
  if [ -z "$torch" ] && distribution_torch; then
    apt_packages python3-torch
    torch="torch==$(/usr/bin/python3 -c 'import importlib.metadata as m; print(m.version("torch"))')"
    rm -rf "$peers" && /usr/bin/python3 -m venv --system-site-packages "$peers"
  fi
  if [ -z "$torch" ]; then
    say "pip offers no CPU build of PyTorch here, and the other one is several GB: it is not downloaded, and the" \
      "benchmarks run without the peers that need it. To have them, give pip an index or a folder with a CPU build," \
      "or say CONSTEXPORT_TORCH=torch (downloads the several GB), or CONSTEXPORT_PEERS=PYTHON (a Python that has" \
      "torch, transformers, optimum-onnx, onnx, onnxruntime and onnxscript)."
    return 0
  fi
  step "installing what the benchmarks compare with: $torch, Optimum, ONNX Runtime (1.3 GB on disk)" \
    pip_install "$peers" "$torch" onnx onnxruntime onnxscript optimum-onnx transformers
}
