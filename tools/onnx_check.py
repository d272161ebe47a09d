"""onnx_check.py FILE: what onnx_check does, for files newer than the distribution's ONNX C++ library."""

import sys

import onnx


def main() -> int:
    if len(sys.argv) != 2:
        print("usage: onnx_check.py FILE.onnx", file=sys.stderr)
        return 2
    path = sys.argv[1]
    try:
        # By path, so that external data and files beyond 2 GiB are checked as well.
        onnx.checker.check_model(path, full_check=True)
        model = onnx.load(path, load_external_data=False)
    except OSError as error:
        print(f"{path}: {error}", file=sys.stderr)
        return 2
    except Exception as error:  # the checker, shape inference and protobuf each have classes of their own
        print(f"{path}: {error}", file=sys.stderr)
        return 1
    opset = next((e.version for e in model.opset_import if e.domain in ("", "ai.onnx")), 0)
    print(
        f"OK: IR {model.ir_version}, opset {opset}, {len(model.graph.node)} nodes, "
        f"{len(model.graph.initializer)} initializers, checked in full by ONNX {onnx.__version__}"
    )
    return 0


sys.exit(main())
