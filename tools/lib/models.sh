# shellcheck shell=bash disable=SC2154
# The Python packages that trace models for tests/traced, in a virtual environment of their own, with the versions that
# are known to trace them. Sourced after say.sh, build.sh (for the
# second function), python.sh and peers.sh.

models="$deps/models-venv"
models_packages=(transformers==4.57.6 optimum==2.1.0 optimum-onnx==0.1.0 diffusers==0.39.0 timm==1.0.31
  sentence-transformers==5.7.0 sentencepiece==0.2.3)

# The interpreter with these packages, or nothing.
models_python() {
  local all='import importlib.util as u, sys; sys.exit(not all(map(u.find_spec, ("torch", "transformers", "optimum", "diffusers", "timm"))))'
  ! "$models/bin/python3" -c "$all" 2>/dev/null || echo "$models/bin/python3"
}

traced_models() {
  local version
  [ -z "$(models_python)" ] || return 0
  make_venv "$models"
  version=$(cpu_torch "$models") || version=""
  [ -n "$version" ] || die "pip offers no CPU build of PyTorch here, and the other one is several GB. Give pip an index" \
    "or a folder with a CPU build (PIP_FIND_LINKS, PIP_EXTRA_INDEX_URL), and run it again."
  step "installing what traces models: torch $version, transformers, Optimum, diffusers (2 GB on disk)" \
    pip_install "$models" "torch==$version" "${models_packages[@]}"
}

# Traces a model of every kind and exports it with a command that is built with the same LibTorch, because an older one
# does not load its files. The table goes to docs/traced_models.md.
export_traced_models() {
  local python build="$root/build-traced" traced="$deps/traced"
  python=$(models_python)
  [ -n "$python" ] || die "the packages that trace models are not here: tools/setup models"
  configure "$build" --buildtype=plain -Doptimization=1 -Dtests=disabled -Dexamples=disabled -Dbench=disabled \
    "-Dlibtorch_root=$("$python" -c 'import os, torch; print(os.path.dirname(torch.__file__))')"
  build "$build" constexport constexport-export
  step "tracing models" "$python" "$root/tests/traced/trace_models.py" "$build/constexport" "$traced"
  tail -1 "$deps/log/tracing-models-.log"
  step "exporting traced models" "$python" "$root/tests/traced/export_models.py" "$build/constexport" "$traced" \
    --jobs "$(jobs)" --page "$root/docs/traced_models.md" --require 120
  tail -2 "$deps/log/exporting-traced-models-.log"
}
