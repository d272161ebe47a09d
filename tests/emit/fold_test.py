"""`constexport pin` folds the shape arithmetic that becomes constant: the same results in ONNX Runtime, and what is left.

Usage: fold_test.py PROGRAM. Without ONNX Runtime the comparisons are skipped, and counted. The last line of output is
`N passed, N failed[, N skipped]`.
"""

import json
import pathlib
import random
import sys
import tempfile

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
from command import run  # noqa: E402
from outcomes import check, finish, has_package, skip  # noqa: E402

RUNTIME = has_package("onnxruntime")
node = helper.make_node


def value(name, dims, kind=TensorProto.FLOAT):
    return helper.make_tensor_value_info(name, kind, dims)


def ints(name, *numbers, scalar=False):
    return numpy_helper.from_array(numpy.array(numbers[0] if scalar else numbers, numpy.int64), name)


def model(nodes, inputs, outputs, constants=(), opset=18):
    graph = helper.make_graph(nodes, "graph", inputs, outputs, list(constants))
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=8)


X, Y = [value("x", ["batch", "length", 6])], [value("y", ["p", "q", "r", "s"])]


def exported_reshape(opset=18):
    """What tracing exporters write for `x.view(x.size(0), x.size(1), 2, 3)`."""
    nodes, parts = [], []
    for i in range(2):
        axes = {"axes": [0]} if opset < 13 else {}
        nodes += [node("Shape", ["x"], [f"s{i}"]), node("Constant", [], [f"c{i}"], value=ints("", i, scalar=True)), node("Gather", [f"s{i}", f"c{i}"], [f"g{i}"], axis=0)]
        nodes.append(node("Unsqueeze", [f"g{i}"] if axes else [f"g{i}", "zero"], [f"u{i}"], **axes))
        parts.append(f"u{i}")
    nodes += [node("Concat", [*parts, "rest"], ["shape"], axis=0), node("Reshape", ["x", "shape"], ["y"])]
    return model(nodes, X, Y, [ints("rest", 2, 3)] + ([ints("zero", 0)] if opset >= 13 else []), opset)


def branch(op):
    return helper.make_graph([node(op, ["size"], [op])], op, [], [value(op, [], TensorProto.INT64)])


def ops(path):
    return [each.op_type for each in onnx.load(path).graph.node]


# Name: model, axes, operators that are left, names of initialisers that are left.
CASES = {
    "all of it": (exported_reshape(), ["batch=2", "length=5"], ["Constant", "Reshape"], []),
    "opset 11": (exported_reshape(11), ["batch=2", "length=5"], ["Constant", "Reshape"], []),
    "one axis": (exported_reshape(), ["batch=2"], ["Constant", "Shape", "Constant", "Gather", "Unsqueeze", "Concat", "Reshape"], ["rest", "zero"]),
    "a shape as output": (model([node("Shape", ["x"], ["y"])], X, [value("y", [3], TensorProto.INT64)]), ["batch=2", "length=5"], ["Constant"], []),
    "part of a shape": (model([node("Shape", ["x"], ["y"], start=1, end=-1)], X, [value("y", [1], TensorProto.INT64)]), ["length=5"], ["Constant"], []),
    "Size": (model([node("Size", ["x"], ["y"])], X, [value("y", [], TensorProto.INT64)]), ["batch=2", "length=5"], ["Constant"], []),
    "a size that is not known": (model([node("Size", ["x"], ["y"])], X, [value("y", [], TensorProto.INT64)]), ["batch=2"], ["Size"], []),
    "arithmetic": (
        model(
            [node("Shape", ["x"], ["s"]), node("Slice", ["s", "one", "two", "zero"], ["l"]), node("Mul", ["l", "two"], ["m"]), node("Sub", ["m", "one"], ["d"]), node("Div", ["d", "two"], ["e"])]
            + [node("Squeeze", ["e", "zero"], ["f"]), node("Cast", ["f"], ["y"], to=TensorProto.INT64)],
            X,
            [value("y", [], TensorProto.INT64)],
            [ints("zero", 0), ints("one", 1), ints("two", 2)],
        ),
        ["length=5"],
        ["Constant"],
        [],
    ),
    "sub-graphs": (
        model(
            [node("Shape", ["x"], ["s"]), node("Gather", ["s", "i"], ["size"]), node("If", ["c"], ["y"], then_branch=branch("Neg"), else_branch=branch("Abs"))],
            [*X, value("c", [], TensorProto.BOOL)],
            [value("y", [], TensorProto.INT64)],
            [ints("i", 1, scalar=True)],
        ),
        ["length=5"],
        ["Constant", "If"],
        [],
    ),
    "an index that may be given": (
        model([node("Shape", ["x"], ["s"]), node("Gather", ["s", "i"], ["y"])], [*X, value("i", [], TensorProto.INT64)], [value("y", [], TensorProto.INT64)], [ints("i", 1, scalar=True)]),
        ["batch=2", "length=5"],
        ["Constant", "Gather"],
        ["i"],
    ),
    "an initialiser that another node needs": (
        model([node("Shape", ["x"], ["s"]), node("Gather", ["s", "i"], ["g"]), node("Add", ["g", "i"], ["a"]), node("Mul", ["t", "i"], ["m"]), node("Add", ["m", "a"], ["y"])], [*X, value("t", [], TensorProto.INT64)], [value("y", [], TensorProto.INT64)], [ints("i", 1, scalar=True)]),
        ["length=5"],
        ["Constant", "Mul", "Add"],
        ["i"],
    ),
    "an inner value": (model([node("Relu", ["x"], ["r"]), node("Shape", ["r"], ["y"])], X, [value("y", [3], TensorProto.INT64)]), ["batch=2", "length=5"], ["Relu", "Shape"], []),
    "a shape that is not known": (model([node("Shape", ["x"], ["y"])], X, [value("y", [3], TensorProto.INT64)]), ["batch=2"], ["Shape"], []),
    "Gather of data": (model([node("Gather", ["x", "i"], ["y"], axis=2)], X, [value("y", ["p", "q"])], [ints("i", 1, scalar=True)]), ["batch=2"], ["Gather"], ["i"]),
}  # fmt: skip


CONTRACT = {
    "inputs": [{"name": "x", "dtype": "float32", "dims": ["batch", "length", 6]}],
    "outputs": [{"name": "y", "dtype": "float32", "dims": ["batch", "length * 6"]}, {"name": "size", "dtype": "int64", "dims": [2]}],
}


def with_its_contract():
    """A file that carries its contract: what it says of inner values can be relied on, under the library's names."""
    nodes = [node("Reshape", ["x", "flat"], ["r"]), node("Shape", ["r"], ["size"]), node("Relu", ["r"], ["r2"]), node("Identity", ["r2"], ["y"]), node("Tile", ["x", "twice"], ["t"]), node("Neg", ["t"], ["n"])]
    inner = {"r": ["batch", "length_times_6"], "r2": ["batch", "length_times_6"], "t": ["batch_times_2", "length_times_3_plus_1", 6], "n": ["open_length_plus_1_close_div_2", "unknown_word", "length_plus_"]}
    made = model(nodes, X, [value("y", ["batch", "length_times_6"]), value("size", [2], TensorProto.INT64)], [ints("flat", 0, -1), ints("twice", 2, 3, 1)])
    made.graph.value_info.extend(value(name, dims) for name, dims in inner.items())
    helper.set_model_props(made, {"constexport.contract.v1": json.dumps(CONTRACT)})
    return made


def random_model(source):
    """Sizes taken apart and put together at random, of which a reshape is made at last."""
    nodes, constants, lists, numbers = [node("Shape", ["x"], ["s"])], [ints("zero", 0)], [], []
    for i in range(3):
        constants.append(ints(f"i{i}", i if source.random() < 0.5 else i - 3, scalar=True))
        nodes.append(node("Gather", ["s", f"i{i}"], [f"n{i}"], axis=0))
        numbers.append(f"n{i}")
    for i in range(source.randint(0, 6)):
        op = source.choice(["Add", "Mul", "Sub", "Div", "Identity"])
        nodes.append(node(op, [source.choice(numbers) for _ in range(1 if op == "Identity" else 2)], [f"m{i}"]))
        numbers.append(f"m{i}")
    for i, name in enumerate(source.sample(numbers, min(3, len(numbers)))):
        nodes.append(node("Unsqueeze", [name, "zero"], [f"u{i}"]))
        lists.append(f"u{i}")
    nodes += [node("Concat", lists, ["y"], axis=0), node("Unsqueeze", ["n0", "zero"], ["b"]), node("Concat", ["b", "minus"], ["shape"], axis=0), node("Reshape", ["x", "shape"], ["z"])]
    constants.append(ints("minus", -1))
    return model(nodes, X, [value("y", [len(lists)], TensorProto.INT64), value("z", ["batch", "rest"])], constants)


def main():
    program, uncompared = sys.argv[1], 0
    with tempfile.TemporaryDirectory() as name:
        source, target = pathlib.Path(name, "in.onnx"), pathlib.Path(name, "out.onnx")

        def compare(title):
            import onnxruntime

            feeds = {"x": numpy.arange(60, dtype=numpy.float32).reshape(2, 5, 6), "c": numpy.array(True), "t": numpy.array(7), "i": numpy.array(0)}
            results = []
            for path in (source, target):
                options = onnxruntime.SessionOptions()
                options.log_severity_level = 3
                session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
                wanted = [each.name for each in session.get_inputs()] + [each.name for each in session.get_overridable_initializers()]
                results.append(outcome_of(session, {key: feeds[key] for key in wanted}))
            check(f"{title}, run", same(*results), f"{results[1]} instead of {results[0]}")

        def pin(title, made, axes):
            nonlocal uncompared
            onnx.save(made, source)
            done = run(program, "pin", str(source), "-o", str(target), *axes)
            check(title, done == (0, "", ""), done)
            if done[0]:
                return
            pinned = onnx.load(target)
            onnx.checker.check_model(pinned, full_check=True)
            values = {name for each in pinned.graph.node for name in each.output}
            gone = [each.name for each in pinned.graph.value_info if each.name not in values]
            check(title, not gone, f"describes {gone}, which are gone")
            code, out, _ = run(program, "check", str(target))
            check(title, code == 0 and "initializer-unused" not in out, out)
            if RUNTIME:
                compare(title)
            else:
                uncompared += 1

        for title, (made, axes, left, initializers) in CASES.items():
            pin(title, made, axes)
            kept = [each.name for each in onnx.load(target).graph.initializer]
            check(title, sorted(ops(target)) == sorted(left) and kept == initializers, f"{ops(target)}, {kept} are left")
        onnx.save(with_its_contract(), source)
        done = run(program, "pin", str(source), "-o", str(target), "length=5")
        dims = {each.name: [dim.dim_param or dim.dim_value for dim in each.type.tensor_type.shape.dim] for each in onnx.load(target).graph.value_info}
        wanted = {"r": ["batch", 30], "r2": ["batch", 30], "t": ["batch_times_2", 16, 6], "n": [3, "unknown_word", "length_plus_"]}
        check("inner values", done == (0, "", "") and dims == wanted and "Shape" in ops(target), f"{done} {dims} {ops(target)}")
        run(program, "pin", str(source), "-o", str(target), "batch=2", "length=5")
        check("inner values", "Shape" not in ops(target), ops(target))
        for seed in range(40):
            pin(f"seed {seed}", random_model(random.Random(seed)), [["batch=2"], ["length=5"], ["batch=2", "length=5"]][seed % 3])
    if uncompared:
        skip(f"comparing the results of {uncompared} models: no Python package onnxruntime", uncompared)
    return finish()


def outcome_of(session, feeds):
    try:
        return session.run(None, feeds)
    except Exception as error:  # a division by zero, in both files
        return type(error).__name__


def same(one, other):
    if isinstance(one, str) or isinstance(other, str):
        return isinstance(one, str) and isinstance(other, str)
    return all(numpy.array_equal(a, b) and a.dtype == b.dtype and a.shape == b.shape for a, b in zip(one, other, strict=True))


sys.exit(main())
