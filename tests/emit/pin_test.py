"""`constexport pin` on files that the official `onnx` package makes and ships: what is fixed, and that all else stays.

Usage: pin_test.py PROGRAM. What needs ONNX Runtime is skipped without it, and counted. The last line of output is
`N passed, N failed[, N skipped]`.
"""

import json
import logging
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "check"))
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
from files import CONTRACT, cases_by_name, described, external, model, run, shipped_models  # noqa: E402
from outcomes import Failure, case, check, finish  # noqa: E402


def dims(made):
    return {t.name: [d.dim_param or d.dim_value for d in t.type.tensor_type.shape.dim] for t in [*made.graph.input, *made.graph.output]}


def without_shapes(made):
    """Everything that pinning must leave as it is."""
    rest = onnx.ModelProto()
    rest.CopyFrom(made)
    del rest.metadata_props[:]

    def clear(graph):
        for value in [*graph.input, *graph.output, *graph.value_info]:
            value.type.Clear()
        for node in graph.node:
            for attribute in node.attribute:
                if attribute.HasField("g"):
                    clear(attribute.g)

    clear(rest.graph)
    return rest.SerializeToString(deterministic=True)


def branches():
    """A model whose sub-graphs declare the same axis."""
    inner = [
        helper.make_graph([helper.make_node(op, ["x"], [op])], op, [], [helper.make_tensor_value_info(op, TensorProto.FLOAT, ["n", 2])])
        for op in ("Neg", "Abs")
    ]
    node = helper.make_node("If", ["c"], ["y"], then_branch=inner[0], else_branch=inner[1])
    inputs = [helper.make_tensor_value_info("c", TensorProto.BOOL, []), helper.make_tensor_value_info("x", TensorProto.FLOAT, ["n", 2])]
    graph = helper.make_graph([node], "branches", inputs, [helper.make_tensor_value_info("y", TensorProto.FLOAT, ["n", 2])])
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def mobile_tools(pin, source, target, scratch):
    """What the tools that prepare a file for phones say of a pinned file, and what they themselves make of the dynamic one."""
    from onnxruntime.tools.mobile_helpers import usability_checker
    from onnxruntime.tools.onnx_model_utils import ModelProtoWithShapeInfo

    def varying(path):
        inputs, values = usability_checker.check_shapes(ModelProtoWithShapeInfo(path).model_with_shape_info.graph, logging.getLogger())
        return len(inputs), values

    def fix(path, *arguments):
        command = [sys.executable, "-m", "onnxruntime.tools.make_dynamic_shape_fixed", *arguments, str(path), str(scratch / "tool.onnx")]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def expect(what, holds, shown):
        if not holds:
            raise Failure(f"{what}: {shown}")

    axes = {"batch": 2, "length": 3, "past_length": 4}
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["rows"]),
        helper.make_node("Shape", ["ids"], ["two"]),
        helper.make_node("Concat", ["two", "four"], ["three"], axis=0),
        helper.make_node("Reshape", ["rows", "three"], ["scores"]),
        helper.make_node("Concat", ["past", "rows"], ["present"], axis=1),
    ]
    weights = [numpy_helper.from_array(numpy.zeros((9, 4), numpy.float32), "table"), numpy_helper.from_array(numpy.array([4]), "four")]
    pin(described(CONTRACT, model(nodes=nodes, initializer=weights)), *(f"{name}={size}" for name, size in axes.items()))
    expect("before and after", varying(source)[0] == 2 and varying(target) == (0, 0), (varying(source), varying(target)))
    usability_checker.analyze_model(target)
    for name, shape, taken in (("ids", "2,3", True), ("past", "2,4,4", True), ("ids", "2,5", False)):
        done = fix(target, "--input_name", name, "--input_shape", shape)
        expect(f"{name} as {shape}", (done.returncode == 0) == taken, done.stdout + done.stderr)
    for name, size in axes.items():
        done = fix(source, "--dim_param", name, "--dim_value", str(size))
        expect(name, done.returncode == 0, done.stdout + done.stderr)
        (scratch / "tool.onnx").replace(source)
    expect("the tool's own file", dims(onnx.load(source)) == dims(onnx.load(target)), (dims(onnx.load(source)), dims(onnx.load(target))))


def main():
    program = os.path.abspath(sys.argv[1])

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        source, target = folder / "in.onnx", folder / "out.onnx"

        def pin(made, *axes, output=target):
            source.write_bytes(made.SerializeToString())
            return run(program, "pin", str(source), "-o", str(output), *axes)

        carried = cases_by_name()["with its contract"]
        for what, made in (("graph alone", model()), ("with metadata", carried)):
            result = pin(made, "batch=1", "length=3")
            check(what, result == (0, "", ""), result)
            pinned = onnx.load(target)
            onnx.checker.check_model(pinned, full_check=True)
            check(what, without_shapes(pinned) == without_shapes(made), "more than shapes has changed")
            total = "past_length_plus_3" if made is carried else "length_plus_past_length"
            wanted = {"ids": [1, 3], "past": [1, "past_length", 4], "scores": [1, 3, 4], "present": [1, total, 4]}
            check(what, dims(pinned) == wanted, dims(pinned))
            check(what, run(program, "check", str(target))[0] == 0, run(program, "check", str(target)))
        contract = json.loads(pinned.metadata_props[0].value)
        check("metadata", contract["axes"]["batch"]["value"] == 1 and "value" not in contract["axes"]["past_length"], contract["axes"])
        pin(carried, "batch=1", "length=3", "past_length=4")
        check("all axes", dims(onnx.load(target))["present"] == [1, 7, 4], dims(onnx.load(target)))
        code, out, _ = run(program, "diff", str(source), str(target))
        check("diff", code == 1 and "axis-fixed" in out, out)

        pin(branches(), "n=5")
        made = onnx.load(target)
        onnx.checker.check_model(made, full_check=True)
        inner = made.graph.node[0].attribute
        sizes = [attribute.g.output[0].type.tensor_type.shape.dim[0].dim_value for attribute in inner]
        check("sub-graphs", sizes == [5, 5] and dims(made) == {"c": [], "x": [5, 2], "y": [5, 2]}, made)

        # The file itself may be the output; nothing else is left behind.
        before = sorted(path.name for path in folder.iterdir())
        code, _, err = pin(model(), "batch=2", output=source)
        check("in place", code == 0 and dims(onnx.load(source))["ids"] == [2, "length"], err)
        check("in place", sorted(path.name for path in folder.iterdir()) == before, "other files")

        # External data goes along.
        (folder / "weights.bin").write_bytes(bytes(range(144)))
        (folder / "other").mkdir()
        code, _, err = pin(external("weights.bin"), "batch=2", output=folder / "other" / "out.onnx")
        check("external data", code == 0 and (folder / "other" / "weights.bin").read_bytes() == bytes(range(144)), err)
        code, _, err = pin(external("weights.bin"), "batch=2", output=folder / "other" / "out.onnx")
        check("external data that is there", code == 0, err)
        (folder / "other" / "weights.bin").write_bytes(bytes(144))
        code, _, err = pin(external("weights.bin"), "batch=2", output=folder / "other" / "out.onnx")
        check("another model's data", code == 1 and "another model" in err, err)
        check("another model's data", (folder / "other" / "weights.bin").read_bytes() == bytes(144), "has changed")
        (folder / "linked").mkdir()
        code, _, err = pin(external("weights.bin"), "batch=2", "--external-data", "link", output=folder / "linked" / "out.onnx")
        check("linked data", code == 0 and (folder / "linked" / "weights.bin").samefile(folder / "weights.bin"), err)
        code, _, err = pin(external("../weights.bin"), "batch=2", output=folder / "other" / "out.onnx")
        check("external data elsewhere", code == 2 and "not beneath" in err, err)

        kept = target.read_bytes()
        contradicted, unreadable = cases_by_name()["with its contract"], cases_by_name()["with its contract"]
        contradicted.graph.input[0].type.tensor_type.shape.dim[1].dim_value = 7
        unreadable.metadata_props[0].value = unreadable.metadata_props[0].value[:40]
        for made, axes, expected, words in (
            (carried, ["batch=65"], 2, ["its sizes are 1 to 64"]),
            (carried, ["batch=0"], 2, ["its sizes are 1 to 64"]),
            (model(), ["btch=1"], 2, ['no axis "btch"', "batch, length"]),
            (model(), ["batch"], 2, ["NAME=SIZE"]),
            (model(), ["batch=1", "batch=2"], 2, ["given twice"]),
            (model(), [], 2, ["axes"]),
            (contradicted, ["length=5"], 2, ["ids[1]: the graph is not what the file's metadata says", "export it again"]),
            (unreadable, ["batch=2"], 2, ["the contract in the file's metadata cannot be read", "export it again"]),
        ):
            code, out, err = pin(made, *axes)
            check(axes, code == expected and not out and all(word in err for word in words), (code, err))
        check("refused", target.read_bytes() == kept, "the old output has changed")
        code, _, err = pin(model(), "batch=1", output=folder / "none" / "out.onnx")
        check("no folder", code == 1 and "No such file" in err, err)

        # Every shipped model with an axis: the rest of it stays, byte for byte.
        for title, whole in shipped_models():
            made = onnx.ModelProto.FromString(whole)
            axes = [d.dim_param for t in made.graph.input for d in t.type.tensor_type.shape.dim if d.dim_param.isidentifier()]
            if not axes:
                continue
            code, _, err = pin(made, f"{axes[0]}=3")
            check(title, code == 0 and without_shapes(onnx.load(target)) == without_shapes(made), err or "more than shapes has changed")

        def in_onnxruntime(_):
            import onnxruntime

            weights = numpy.arange(36, dtype=numpy.float32).reshape(9, 4)
            made = cases_by_name()["with its contract"]
            made.graph.initializer[0].CopyFrom(numpy_helper.from_array(weights, "table"))
            pin(made, "batch=2", "length=3", "past_length=4")
            feeds = {"ids": numpy.arange(6).reshape(2, 3) % 9, "past": numpy.ones((2, 4, 4), numpy.float32)}
            results = [onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"]).run(None, feeds) for path in (source, target)]
            if not all(numpy.array_equal(a, b) for a, b in zip(*results, strict=True)):
                raise Failure("other results")

        case("the same results in ONNX Runtime", in_onnxruntime, packages=["onnxruntime"])
        case("ONNX Runtime's mobile shape tools", lambda scratch: mobile_tools(pin, source, target, scratch), packages=["onnxruntime"])
    return finish()


if __name__ == "__main__":
    sys.exit(main())
