"""Prints the versions of what the benchmarks compare with, as JSON."""

import importlib.metadata
import json

found = {}
for name in ("torch", "transformers", "optimum", "optimum-onnx", "onnx", "onnxruntime", "onnxscript"):
    try:
        found[name] = importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        pass
print(json.dumps(found))
