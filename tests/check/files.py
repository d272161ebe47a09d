"""`constexport check` and `constexport diff` on files that the official `onnx` package makes and ships.

Usage: files.py PROGRAM [COMPILER FLAGS...]. What each file has wrong is said here; every model that the package ships as test data is described, and so is every
damaged copy, or refused with a message. With a compiler, all headers that are made of them are compiled as one program.
"""

import concurrent.futures
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import time
import warnings

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper

CONTRACT = {
    "inputs": [
        {"name": "ids", "dtype": "int64", "dims": ["batch", "length"]},
        {"name": "past", "dtype": "float32", "dims": ["batch", "past_length", 4]},
    ],
    "outputs": [
        {"name": "scores", "dtype": "float32", "dims": ["batch", "length", 4]},
        {"name": "present", "dtype": "float32", "dims": ["batch", "past_length + length", 4], "past": "past"},
    ],
    "axes": {"batch": {"min": 1, "max": 64}, "past_length": {"min": 0}},
}


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, timeout=60, check=False)
    return done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")


def value(name, dtype, dims):
    return helper.make_tensor_value_info(name, dtype, dims)


def model(**changes):
    """A file that keeps the contract."""
    table = numpy_helper.from_array(numpy.zeros((9, 4), numpy.float32), "table")
    nodes = [
        helper.make_node("Gather", ["table", "ids"], ["scores"], name="look_up"),
        helper.make_node("Concat", ["past", "scores"], ["present"], axis=1),
    ]
    inputs = [value("ids", TensorProto.INT64, ["batch", "length"]), value("past", TensorProto.FLOAT, ["batch", "past_length", 4])]
    outputs = [value("scores", TensorProto.FLOAT, ["batch", "length", 4]), value("present", TensorProto.FLOAT, ["batch", "length_plus_past_length", 4])]
    parts = {"nodes": nodes, "inputs": inputs, "outputs": outputs, "initializer": [table], **changes}
    made = helper.make_graph(parts["nodes"], "graph", parts["inputs"], parts["outputs"], parts["initializer"])
    return helper.make_model(made, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def edited(edit):
    made = model()
    edit(made, made.graph)
    return made


def described(contract, made=None):
    made = made or model()
    made.metadata_props.add(key="constexport.contract.v1", value=json.dumps(contract))
    return made


def external(location, offset=0, length=144, **more):
    def edit(made, graph):
        tensor = graph.initializer[0]
        tensor.ClearField("raw_data")
        tensor.data_location = TensorProto.EXTERNAL
        for key, text in {"location": location, "offset": offset, "length": length, **more}.items():
            tensor.external_data.add(key=key, value=str(text))

    return edited(edit)


def attribute(edit):
    """Of the Concat of the model."""
    return edited(lambda _, graph: edit(graph.node[1].attribute[0], graph.node[1]))


def sparse(name):
    values, indices = numpy_helper.from_array(numpy.ones(1, numpy.float32), name), numpy_helper.from_array(numpy.zeros(1, numpy.int64))

    def edit(_, graph):
        graph.ClearField("initializer")
        graph.sparse_initializer.append(helper.make_sparse_tensor(values, indices, [9, 4]))

    return edited(edit)


def nodes_of(rows):
    """Of rows of operator, input and output."""
    return [helper.make_node(op.split(".")[-1], [taken], [made], domain=op.rpartition(".")[0]) for op, taken, made in rows]


def branch(rows, output, name="branch", dtype=TensorProto.FLOAT):
    graph = helper.make_graph(nodes_of(rows), "branch", [], [value(output, dtype, None)])
    graph.name = name

    def edit(_, whole):
        whole.initializer.append(numpy_helper.from_array(numpy.array(True), "which"))
        whole.node.append(helper.make_node("If", ["which"], ["branched"], then_branch=graph, else_branch=graph))

    return edited(edit)


def function(nodes=(("Neg", "x", "y"),), inputs=("x",), outputs=("y",), opsets=None, count=1, ir_version=8):
    """The model with a call of a function of its own."""
    sets = {"": 18} if opsets is None else opsets
    imports = [helper.make_opsetid(*each) for each in sets.items()]

    def edit(made, graph):
        made.ir_version = ir_version
        made.opset_import.add(domain="own", version=1)
        graph.node.append(helper.make_node("F", ["past"] * len(inputs), [f"made{i}" for i in range(len(outputs))], domain="own"))
        for _ in range(count):
            made.functions.append(helper.make_function("own", "F", list(inputs), list(outputs), nodes_of(nodes), imports))

    return edited(edit)


def rename(graph, old, new):
    for tensor in [*graph.input, *graph.output]:
        for dim in tensor.type.tensor_type.shape.dim:
            if dim.dim_param == old:
                dim.dim_param = new


def shape(tensor):
    return tensor.type.tensor_type.shape.dim


def cases():
    """name, model, further arguments, exit code, the ids of errors and warnings in order of severity"""
    yield "good", model(), [], 0, []
    yield "written as Optimum does", edited(lambda _, g: rename(g, "length_plus_past_length", "past_length + length")), [], 0, []
    yield "a name of its own for the sum", edited(lambda _, g: rename(g, "length_plus_past_length", "total")), [], 0, ["relation-lost"]
    yield "the same, strictly", edited(lambda _, g: rename(g, "length_plus_past_length", "total")), ["--strict"], 1, ["relation-lost"]
    yield "an axis renamed", edited(lambda _, g: rename(g, "batch", "N")), [], 0, []
    yield "no sizes of outputs", edited(lambda _, g: [shape(t)[0].Clear() for t in g.output]), [], 0, ["size-unstated"]
    yield "no shape of an output", edited(lambda _, g: g.output[0].type.tensor_type.ClearField("shape")), [], 0, ["rank-unstated"]
    yield "batch fixed", edited(lambda _, g: [shape(t)[0].__setattr__("dim_value", 2) for t in [*g.input, *g.output]]), [], 1, ["axis-fixed"]
    yield "transposed", edited(lambda _, g: (shape(g.input[0])[0].__setattr__("dim_param", "length"), shape(g.input[0])[1].__setattr__("dim_param", "batch"))), [], 1, ["size-changed", "size-changed"]
    yield "merged", edited(lambda _, g: rename(g, "past_length", "length")), [], 1, ["axes-merged", "relation-lost"]
    yield "width", edited(lambda _, g: shape(g.output[0])[2].__setattr__("dim_value", 5)), [], 1, ["size-changed"]
    yield "dtype", edited(lambda _, g: g.input[0].type.tensor_type.__setattr__("elem_type", TensorProto.INT32)), [], 1, ["dtype-changed"]
    yield "order", edited(lambda _, g: g.input.append(g.input.pop(0))), [], 1, ["inputs-reordered"]
    yield "an input more", edited(lambda _, g: g.input.append(value("more", TensorProto.BOOL, []))), [], 1, ["input-added"]
    yield "an output more", edited(lambda _, g: (g.node.append(helper.make_node("Neg", ["scores"], ["more"])), g.output.append(value("more", TensorProto.FLOAT, None)))), [], 0, []
    yield "an output gone", edited(lambda _, g: g.output.pop()), [], 1, ["output-removed"]
    yield "a default, as before IR 4", edited(lambda _, g: g.input.append(value("table", TensorProto.FLOAT, [9, 4]))), [], 0, []
    yield "a default for an input", edited(lambda _, g: g.initializer.append(numpy_helper.from_array(numpy.zeros((1, 1), numpy.int64), "ids"))), [], 0, []
    yield "a sequence", edited(lambda _, g: g.output[0].CopyFrom(helper.make_tensor_sequence_value_info("scores", TensorProto.FLOAT, None))), [], 1, ["kind-changed"]
    yield "no IR version", edited(lambda m, _: m.ClearField("ir_version")), [], 1, ["ir-missing"]
    yield "no operator set", edited(lambda m, _: m.ClearField("opset_import")), [], 1, ["opset-missing"]
    yield "one twice", edited(lambda m, _: m.opset_import.add(domain="ai.onnx", version=18)), [], 0, ["opset-twice"]
    yield "operator of nobody", edited(lambda _, g: g.node[1].__setattr__("domain", "my.ops")), [], 1, ["domain-missing"]
    yield "operator of my own", edited(lambda m, g: (g.node[1].__setattr__("domain", "my.ops"), m.opset_import.add(domain="my.ops", version=1))), [], 0, []
    yield "old runtime", model(), ["--target", "onnxruntime-1.13"], 1, ["opset-too-new"]
    yield "old file", edited(lambda m, _: m.opset_import[0].__setattr__("version", 6)), ["--target", "onnxruntime-1.17"], 0, ["opset-too-old"]
    yield "new runtime", model(), ["--target", "onnxruntime-1.30"], 0, []
    yield "new file", edited(lambda m, _: m.__setattr__("ir_version", 14)), ["--target", "onnxruntime-1.30"], 1, ["ir-too-new"]
    yield "TensorRT", edited(lambda _, g: g.input.append(value("more", TensorProto.UINT16, []))), ["--target", "tensorrt"], 1, ["dtype-of-target", "input-added"]
    yield "nothing makes it", edited(lambda _, g: g.node.pop(0)), [], 1, ["value-missing", "value-missing", "initializer-unused"]
    yield "made twice", edited(lambda _, g: g.node.append(g.node[0])), [], 1, ["name-twice"]
    yield "negative size", edited(lambda _, g: shape(g.output[0])[0].__setattr__("dim_value", -1)), [], 0, ["size-negative", "size-unstated"]
    yield "unused weights", edited(lambda _, g: g.initializer.append(numpy_helper.from_array(numpy.zeros(3), "unused"))), [], 0, ["initializer-unused"]
    yield "cut weights", edited(lambda _, g: g.initializer[0].__setattr__("raw_data", b"1234")), [], 1, ["tensor-size"]
    yield "impossible weights", edited(lambda _, g: g.initializer[0].dims.extend([2**40, 2**40])), [], 1, ["tensor-size"]
    yield "weights beside", external("weights.bin"), [], 0, []
    yield "weights in a folder", external("sub/weights.bin", offset=4096), [], 0, []
    yield "no such weights", external("none.bin"), [], 1, ["external-missing"]
    yield "weights elsewhere", external("../weights.bin"), [], 1, ["external-path"]
    yield "weights anywhere", external("/etc/passwd"), [], 1, ["external-path"]
    yield "weights by a link", external("link/passwd"), [], 1, ["external-path"]
    yield "weights too short", external("weights.bin", offset=1), [], 1, ["external-range"]
    yield "weights of another size", external("weights.bin", length=140), [], 1, ["external-range"]
    yield "weights at no number", external("weights.bin", offset="x"), [], 1, ["external-range"]
    yield "weights at a huge number", external("weights.bin", offset=2**64 - 1), [], 1, ["external-range"]

    yield "new IR version", edited(lambda m, _: m.__setattr__("ir_version", 99)), [], 0, ["ir-unknown"]
    yield "new operator set", edited(lambda m, _: m.opset_import[0].__setattr__("version", 99)), [], 0, ["opset-unknown"]
    yield "no version of it", edited(lambda m, _: m.opset_import[0].ClearField("version")), [], 1, ["opset-missing"]
    yield "metadata twice", edited(lambda m, _: (m.metadata_props.add(key="a"), m.metadata_props.add(key="a"))), [], 0, ["metadata-twice"]
    yield "an input without a type", edited(lambda _, g: g.input.add(name="more")), [], 1, ["type-missing", "input-added"]
    yield "an output without a type", edited(lambda _, g: g.output[0].ClearField("type")), [], 1, ["kind-changed", "type-missing"]
    yield "a sequence of nothing", edited(lambda _, g: g.input.append(helper.make_value_info("more", helper.make_sequence_type_proto(onnx.TypeProto())))), [], 1, ["input-added", "type-missing"]
    yield "no element type", edited(lambda _, g: g.output[0].type.tensor_type.ClearField("elem_type")), [], 1, ["dtype-unknown", "dtype-unstated"]
    yield "no such element type", edited(lambda _, g: g.input.append(value("more", 99, []))), [], 1, ["dtype-unknown", "input-added"]
    yield "no such element type of an inner value", edited(lambda _, g: (g.node.append(helper.make_node("Neg", ["past"], ["inner"])), g.value_info.append(value("inner", 99, None)))), [], 1, ["dtype-unknown"]
    yield "element type of no value", edited(lambda _, g: g.value_info.append(value("inner", 99, None))), [], 0, []
    yield "an input without a name", edited(lambda _, g: g.input.append(value("", TensorProto.BOOL, []))), [], 1, ["input-added", "name-missing"]
    yield "an output without a name", edited(lambda _, g: g.output.append(value("", TensorProto.BOOL, []))), [], 1, ["name-missing"]
    yield "weights without a name", edited(lambda _, g: g.initializer.append(numpy_helper.from_array(numpy.zeros(1), ""))), [], 0, ["initializer-unused", "name-missing"]
    yield "a graph without a name", edited(lambda _, g: g.ClearField("name")), [], 0, ["name-missing"]
    yield "a node without an operator", edited(lambda _, g: g.node[0].ClearField("op_type")), [], 1, ["name-missing"]
    yield "weights twice", edited(lambda _, g: g.initializer.append(g.initializer[0])), [], 0, ["name-twice"]
    yield "a default of another dtype", edited(lambda _, g: g.input.append(value("table", TensorProto.INT64, [9, 4]))), [], 1, ["default-differs"]
    yield "a default of another size", edited(lambda _, g: g.input.append(value("table", TensorProto.FLOAT, ["rows", 5]))), [], 1, ["default-differs"]
    yield "a default of another rank", edited(lambda _, g: g.input.append(value("table", TensorProto.FLOAT, [36]))), [], 1, ["default-differs"]
    yield "a default of any size", edited(lambda _, g: g.input.append(value("table", TensorProto.FLOAT, ["rows", 4]))), [], 0, []
    yield "no nodes", model(nodes=[], initializer=[]), [], 1, ["value-missing"]
    yield "attribute without a name", attribute(lambda a, _: a.ClearField("name")), [], 1, ["name-missing"]
    yield "attribute without a type", attribute(lambda a, _: a.ClearField("type")), [], 1, ["attribute-type"]
    yield "attribute of another type", attribute(lambda a, _: a.__setattr__("type", onnx.AttributeProto.FLOAT)), [], 1, ["attribute-type"]
    yield "attribute of two types", attribute(lambda a, _: a.ints.append(1)), [], 1, ["attribute-type"]
    yield "attribute twice", attribute(lambda a, n: n.attribute.append(a)), [], 1, ["attribute-twice"]
    yield "attribute's text", attribute(lambda a, n: n.attribute.append(helper.make_attribute("more", ["a", "b"]))), [], 0, []
    for name, fields, code, expected in (
        ("weights as numbers", {"float_data": [0] * 36}, 0, []),
        ("too few numbers", {"float_data": [0] * 35}, 1, ["tensor-size"]),
        ("too many numbers", {"float_data": [0] * 37}, 1, ["tensor-size"]),
        ("no weights", {}, 1, ["tensor-size"]),
        ("weights in another field", {"int64_data": [0] * 36}, 1, ["tensor-data"]),
        ("weights in two fields", {"raw_data": bytes(144), "float_data": [0] * 36}, 0, ["tensor-data"]),
        ("weights of no dtype", {"data_type": 0, "raw_data": bytes(144)}, 1, ["dtype-unknown"]),
        ("weights of an unknown dtype", {"data_type": 99, "raw_data": bytes(144)}, 1, ["dtype-unknown"]),
        ("packed numbers", {"data_type": TensorProto.INT64, "int64_data": [2**62] * 36}, 0, []),
        ("too few packed numbers", {"data_type": TensorProto.INT64, "int64_data": [1] * 35}, 1, ["tensor-size"]),
        ("too many packed numbers", {"data_type": TensorProto.INT64, "int64_data": [-1] * 37}, 1, ["tensor-size"]),
        ("small numbers", {"data_type": TensorProto.INT4, "int32_data": [1] * 18}, 0, []),
        ("too few small numbers", {"data_type": TensorProto.INT4, "int32_data": [1] * 17}, 1, ["tensor-size"]),
        ("texts", {"data_type": TensorProto.STRING, "string_data": [b""] * 36}, 0, []),
        ("too few texts", {"data_type": TensorProto.STRING, "string_data": [b""] * 35}, 1, ["tensor-size"]),
        ("raw texts", {"data_type": TensorProto.STRING, "raw_data": bytes(36)}, 1, ["tensor-data"]),
        ("complex numbers", {"data_type": TensorProto.COMPLEX64, "float_data": [0] * 72}, 0, []),
    ):  # fmt: skip
        stored = {"name": "table", "dims": [9, 4], "data_type": TensorProto.FLOAT, **fields}
        yield name, edited(lambda _, g: g.initializer[0].CopyFrom(TensorProto(**stored))), [], code, expected
    # Of a constant within a node, readers take the part that they need.
    constant = TensorProto(name="c", dims=[2], data_type=TensorProto.FLOAT, float_data=[1, 2, 3])
    yield "a constant too large", edited(lambda _, g: g.node.append(helper.make_node("Constant", [], ["c"], value=constant))), [], 0, ["tensor-size"]
    yield "sparse weights", sparse("table"), [], 0, []
    yield "sparse weights without a name", sparse(""), [], 1, ["initializer-unused", "name-missing", "value-missing"]
    yield "sparse weights of nothing", edited(lambda _, g: g.sparse_initializer.add()), [], 1, ["dtype-unknown", "initializer-unused", "name-missing"]
    yield "a branch", branch([("Neg", "past", "inner")], "inner"), [], 0, []
    yield "a branch that gives an outer value", branch([("Neg", "past", "inner")], "past"), [], 1, ["output-of-outer"]
    yield "a branch that makes an outer value", branch([("Neg", "past", "scores")], "scores"), [], 1, ["name-twice"]
    yield "a branch without a name", branch([("Neg", "past", "inner")], "inner", name=""), [], 1, ["name-missing"]
    yield "a branch's element type", branch([("Neg", "past", "inner")], "inner", dtype=99), [], 1, ["dtype-unknown"]
    yield "function", function(), [], 0, []
    yield "function that takes nothing's value", function(nodes=[("Neg", "b", "y")]), [], 1, ["value-missing"]
    yield "function that gives nothing's value", function(nodes=[("Neg", "x", "b")]), [], 1, ["value-missing"]
    yield "function in no order", function(nodes=[("Neg", "b", "y"), ("Neg", "x", "b")]), [], 1, ["value-missing"]
    yield "function that makes a value twice", function(nodes=[("Neg", "x", "y")] * 2), [], 1, ["name-twice"]
    yield "function with an input twice", function(inputs=["x", "x"]), [], 1, ["name-twice"]
    yield "function with an output twice", function(outputs=["y", "y"]), [], 1, ["name-twice"]
    yield "function of nobody's operator", function(nodes=[("other.Neg", "x", "y")]), [], 1, ["domain-missing"]
    yield "function without operator sets", function(opsets={}), [], 1, ["opset-missing"]
    yield "function of a new operator set", function(opsets={"": 21}), ["--target", "onnxruntime-1.17"], 1, ["opset-too-new"]
    yield "function of an unknown operator set", function(opsets={"": 99}), [], 0, ["opset-unknown"]
    yield "function twice", function(count=2), [], 1, ["function-twice"]
    yield "function that calls itself", function(nodes=[("own.F", "x", "y")], opsets={"": 18, "own": 1}), [], 1, ["function-recursive"]
    yield "function before there were any", function(nodes=[("Neg", "b", "y")], ir_version=7), [], 0, []

    yield "with its contract", described(CONTRACT), [], 0, []
    yield "with a name of its own and its contract", described({**CONTRACT, "new": 1}), [], 0, []
    narrow = {**CONTRACT, "axes": {"batch": {"max": 32}, "past_length": {"min": 0}}}
    yield "with a narrower range", described(narrow), [], 1, ["range-narrowed"]
    unpaired = {**CONTRACT, "outputs": [CONTRACT["outputs"][0], {k: v for k, v in CONTRACT["outputs"][1].items() if k != "past"}]}
    yield "without its pair", described(unpaired), [], 1, ["pairing-changed"]
    other = edited(lambda _, g: shape(g.output[0])[2].__setattr__("dim_value", 5))
    yield "changed afterwards", described(CONTRACT, other), [], 1, ["metadata-contradicts", "size-changed"]
    broken = model()
    broken.metadata_props.add(key="constexport.contract.v1", value="{")
    yield "no contract in it", broken, [], 0, ["metadata-unreadable"]


def cases_by_name():
    return {name: made for name, made, *_ in cases()}


def check_cases(program, folder, problems):
    contract = folder / "contract.json"
    contract.write_text(json.dumps(CONTRACT))
    (folder / "weights.bin").write_bytes(bytes(144))
    (folder / "sub").mkdir()
    (folder / "sub" / "weights.bin").write_bytes(bytes(4096 + 144))
    (folder / "link").symlink_to("/etc")
    count = 0
    for name, made, arguments, expected_code, expected in cases():
        path = folder / "model.onnx"
        path.write_bytes(made.SerializeToString())
        code, out, err = run(program, "check", str(path), "--contract", str(contract), "--format", "json", *arguments)
        found = [each["id"] for each in json.loads(out)["findings"] if each["level"] != "note"] if out else err
        if (code, sorted(found)) != (expected_code, sorted(expected)):
            problems.append(f"{name}: {code} {found} instead of {expected_code} {expected}\n{out}")
        count += 1
    # The same findings in the other two forms.
    code, out, _ = run(program, "check", str(path), "--contract", str(contract))
    if "keeps the contract (1 warning)" not in out or "metadata-unreadable" not in out:
        problems.append(f"table: {out}")
    path.write_bytes(edited(lambda _, g: shape(g.output[0])[2].__setattr__("dim_value", 5)).SerializeToString())
    code, out, _ = run(program, "check", str(path), "--contract", str(contract), "--format", "sarif", "--at", "build files/meson.build:12")
    log = json.loads(out)
    result = log["runs"][0]["results"][0]
    place = result["locations"][0]["physicalLocation"]
    if code != 1 or log["version"] != "2.1.0" or place != {"artifactLocation": {"uri": "build%20files/meson.build"}, "region": {"startLine": 12}}:
        problems.append(f"sarif: {out}")
    rules = log["runs"][0]["tool"]["driver"]["rules"]
    if (result["ruleId"], result["level"]) != ("size-changed", "error") or rules[result["ruleIndex"]]["id"] != "size-changed":
        problems.append(f"sarif: {out}")

    # A file stands for its contract.
    for name, made in (("graph", model()), ("metadata", cases_by_name()["with its contract"])):
        path.write_bytes(made.SerializeToString())
        code, out, err = run(program, "check", str(path), "--contract", str(path), "--format", "json")
        if code or json.loads(out)["findings"]:
            problems.append(f"its own contract, {name}: {code} {out} {err}")
        code, out, err = run(program, "show", "--contract", str(path), "--format", "contract")
        (folder / "shown.json").write_text(out)
        code, out, err = run(program, "diff", str(path), str(folder / "shown.json"))
        if (code, out.strip()) != (0, "equal"):
            problems.append(f"shown as a contract, {name}: {code} {out} {err}")
    path.write_bytes(cases_by_name()["a sequence"].SerializeToString())
    code, out, err = run(program, "show", "--contract", str(path))
    if code != 2 or "scores" not in err or "dense tensors" not in err:
        problems.append(f"a sequence: {code} {out} {err}")

    # diff: a file and its contract are equal; markdown names what breaks.
    path.write_bytes(model().SerializeToString())
    code, out, err = run(program, "diff", str(contract), str(path))
    if (code, out.strip()) != (0, "equal"):
        problems.append(f"diff: {code} {out} {err}")
    code, out, _ = run(program, "diff", str(path), "bert:fill-mask", "--format", "markdown")
    if code != 1 or "| **breaking** | an input is gone | `past` |" not in out:
        problems.append(f"diff: {code} {out}")
    # An input that had a default must be given now.
    (folder / "default.onnx").write_bytes(cases_by_name()["a default for an input"].SerializeToString())
    code, out, err = run(program, "diff", str(folder / "default.onnx"), str(path))
    if code != 1 or "input-added  ids" not in out:
        problems.append(f"diff: {code} {out} {err}")
    code, out, err = run(program, "diff", str(path), str(folder / "default.onnx"))
    if code or "compatible, 1 change" not in out or "input-optional  ids" not in out:
        problems.append(f"diff: {code} {out} {err}")
    # A contract that is gone, and types of what is no tensor.
    (folder / "carried.onnx").write_bytes(cases_by_name()["with its contract"].SerializeToString())
    code, out, err = run(program, "diff", str(folder / "carried.onnx"), str(path))
    if code != 1 or "compatible  contract-gone  metadata" not in out or "relation-lost  present[1]" not in out:
        problems.append(f"diff: {code} {out} {err}")
    tensor = helper.make_tensor_type_proto
    kinds = {
        "sequence(float32[N, 3])": helper.make_sequence_type_proto(tensor(TensorProto.FLOAT, ["N", 3])),
        "sequence(int64[N, 3])": helper.make_sequence_type_proto(tensor(TensorProto.INT64, ["N", 3])),
        "sequence(float32[N])": helper.make_sequence_type_proto(tensor(TensorProto.FLOAT, ["N"])),
        "sequence(sequence(float32))": helper.make_sequence_type_proto(helper.make_sequence_type_proto(tensor(TensorProto.FLOAT, None))),
        "map(int64, float32[])": helper.make_map_type_proto(TensorProto.INT64, tensor(TensorProto.FLOAT, [])),
        "map(string, float32[])": helper.make_map_type_proto(TensorProto.STRING, tensor(TensorProto.FLOAT, [])),
        "optional(float32[N, 3])": helper.make_optional_type_proto(tensor(TensorProto.FLOAT, ["N", 3])),
        "sparse_tensor(float32[N, 3])": helper.make_sparse_tensor_type_proto(TensorProto.FLOAT, ["N", 3]),
    }
    for name, made in kinds.items():
        graph = helper.make_graph([], "kinds", [helper.make_value_info("x", made)], [])
        (folder / f"{list(kinds).index(name)}.onnx").write_bytes(helper.make_model(graph).SerializeToString())
    for i, old in enumerate(kinds):
        for j, new in enumerate(kinds):
            code, out, err = run(program, "diff", str(folder / f"{i}.onnx"), str(folder / f"{j}.onnx"))
            if (code, f"{old} -> {new}" in out) != ((0, False) if i == j else (1, True)):
                problems.append(f"diff of kinds: {code} {out} {err}")
    code, out, _ = run(program, "diff", "bert:fill-mask", "bert:fill-mask:behavior", "--format", "json")
    if code != 2:
        problems.append(f"diff: {code} {out}")
    code, out, _ = run(program, "diff", str(contract), str(path), "--format", "json")
    if code or json.loads(out) != {"old": str(contract), "new": str(path), "breaking": False, "changes": []}:
        problems.append(f"diff: {code} {out}")
    return count


def check_unreadable(program, folder, problems):
    contract = str(folder / "contract.json")
    whole = model().SerializeToString()
    for name, data, words in (
        ("empty.onnx", b"", ["no graph"]),
        ("cut.onnx", whole[: len(whole) // 2], ["cut off", "byte"]),
        ("text.onnx", b"this is no model", ["not an ONNX file"]),
        ("large.onnx", b"\x3a\xff\xff\xff\xff\xff\xff\xff\xff\x7f", ["cut off"]),
    ):
        path = folder / name
        path.write_bytes(data)
        for command in (["check", str(path), "--contract", contract], ["diff", str(path), contract], ["diff", contract, str(path)]):
            code, out, err = run(program, *command)
            if code != 2 or out or any(word not in err for word in [str(path), *words]):
                problems.append(f"{command}: {code} {out} {err}")
    for path, word in ((folder, "directory"), (folder / "none.onnx", "No such file"), ("/dev/zero", "Invalid argument")):
        code, out, err = run(program, "check", str(path))
        if code != 2 or out or word not in err:
            problems.append(f"{path}: {code} {err}")
    code, _, err = run(program, "check", str(folder / "cut.onnx"), "--target", "onnxruntim-1.17")
    if code != 2 or "nearest" in err or "onnxruntime-1.17" not in err:
        problems.append(f"target: {code} {err}")


def shipped_models():
    """The bytes of every model that the package has as test data: in files, and one or more for each operator."""
    for path in sorted((pathlib.Path(onnx.__file__).parent / "backend" / "test" / "data").rglob("*.onnx")):
        yield path.parent.name, path.read_bytes()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # infinities that the cases are about
        from onnx.backend.test.case.node import collect_testcases

        for case in collect_testcases(None):
            yield case.name, case.model.SerializeToString()


def check_shipped(program, folder, problems):
    """Every model that the package ships, and damaged copies of each."""
    models = list(shipped_models())
    contract = str(folder / "contract.json")

    def describe(item):
        index, (path, whole) = item
        source, result = random.Random(index), []
        file = folder / f"shipped{index}.onnx"
        file.write_bytes(whole)
        code, out, err = run(program, "check", str(file), "--format", "json")
        if code != 0 or not out or err:
            result.append(f"{path}: {code} {out} {err}")
        code, out, err = run(program, "diff", str(file), str(file))
        if (code, out) != (0, "equal\n"):
            result.append(f"{path}: {code} {out} {err}")
        shown = file.with_suffix(".json")
        code, out, err = run(program, "show", "--contract", str(file), "--format", "contract")
        shown.write_text(out)
        if code == 0:
            code, out, err = run(program, "check", str(file), "--contract", str(shown), "--format", "json")
            if code:
                result.append(f"{path} against itself: {code} {out} {err}")
        elif code != 2 or "a contract holds dense tensors" not in err:
            result.append(f"{path} as a contract: {code} {err}")
        shown.unlink()
        for trial in range(2):
            damaged = bytearray(whole)
            if trial < 1 and len(damaged) > 1:
                damaged = damaged[: source.randrange(1, len(damaged))]
            else:
                for _ in range(source.randrange(1, 6)):
                    damaged[source.randrange(len(damaged))] = source.randrange(256)
            copy = folder / f"damaged{index}_{trial}.onnx"
            copy.write_bytes(damaged)
            code, out, err = run(program, "check", str(copy), "--contract", contract)
            if code not in (1, 2) or not (out or err):
                result.append(f"damaged {path} ({trial}): {code} {out} {err}")
            copy.unlink()
        file.unlink()
        return result

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for result in pool.map(describe, enumerate(models)):
            problems += result
    return len(models)


def check_many(program, folder, problems):
    """Many tensors, axes and problems take their time in proportion."""
    many = onnx.ModelProto()
    many.CopyFrom(model())
    for kind, values in (("in", many.graph.input), ("out", many.graph.output)):
        values.extend(value(f"{kind}{i}", TensorProto.FLOAT, [f"axis{i}", i % 7, f"axis{i} + axis{i + 1}"]) for i in range(40_000))
    path, other = folder / "many.onnx", folder / "other.onnx"
    path.write_bytes(many.SerializeToString())
    for i, tensor in enumerate(many.graph.input):
        shape(tensor)[0].dim_param = f"other{i}"
        if len(shape(tensor)) > 1:
            shape(tensor)[1].dim_value = i
    other.write_bytes(many.SerializeToString())
    for command in (["check", str(path), "--contract", str(folder / "contract.json")], ["diff", str(path), str(other)], ["diff", str(other), str(path)]):
        began = time.perf_counter()
        code, out, err = run(program, *command, "--format", "json")
        took = time.perf_counter() - began
        if code != 1 or not out or took > 30:
            problems.append(f"many tensors, {command[0]}: {code} in {took:.1f} s {err}")


def check_headers(program, folder, problems, compiler):
    """A header of every model that holds tensors alone, all in one program: names of any kind are names there."""
    headers, refused = [], 0
    everything = folder / "everything.hpp"
    with everything.open("w", encoding="utf-8") as out:
        for index, (name, whole) in enumerate(shipped_models()):
            file = folder / "model.onnx"
            file.write_bytes(whole)
            code, text, err = run(program, "header", str(file), "--namespace", f"io::model_{index}")
            if code == 0:
                out.write(text)
                headers.append(index)
            elif code == 2 and "a contract holds dense tensors" in err and '"' in err:
                refused += 1
            else:
                problems.append(f"header of {name}: {code} {err}")
    odd = edited(lambda _, g: (g.input[0].__setattr__("name", 'a "b"\\ \x01??/\u00e9'), rename(g, "batch", "1 \n\"x")))
    file.write_bytes(odd.SerializeToString())
    code, text, err = run(program, "header", str(file))
    with everything.open("a", encoding="utf-8") as out:
        out.write(text)
    if code:
        problems.append(f"header: {err}")
    if compiler:
        source = folder / "everything.cpp"
        source.write_text(
            f'#include "{everything}"\n#include <string_view>\nusing namespace std::string_view_literals;\n'
            'static_assert(model_io::contract.value.inputs[0].name == "a \\"b\\"\\\\ \\001??/\\303\\251"sv);\n'
        )
        done = subprocess.run([*compiler, "-fsyntax-only", "-w", str(source)], capture_output=True, text=True, check=False)
        if done.returncode:
            problems.append(f"headers: {done.stderr[:2000]}")
    # Written only if it changed, and complete or not at all.
    path = folder / "model_io.hpp"
    run(program, "header", str(file), "-o", str(path))
    before = path.stat().st_mtime_ns
    code, out, err = run(program, "header", str(file), "-o", str(path))
    if code or out or err or path.stat().st_mtime_ns != before or path.read_text() != text:
        problems.append(f"header: {code} {out} {err}")
    for arguments, expected in ((["-o", str(folder / "none" / "io.hpp")], 1), (["--namespace", "a b"], 2), (["--namespace", "a::"], 2), (["--namespace", "io::class"], 2), (["--namespace", "std::io"], 2)):
        code, _, err = run(program, "header", str(file), *arguments)
        if code != expected or not err:
            problems.append(f"header {arguments}: {code} {err}")
    for name, expected in (("1 model.v2_io.hpp", "_1_model_v2_io"), ("class.h", "class_io"), ("std.hpp", "std_io"), ("_Model__io", "io_Model_io")):
        code, _, err = run(program, "header", str(file), "-o", str(folder / name))
        if code or f"\nnamespace {expected} {{\n" not in (folder / name).read_text():
            problems.append(f"namespace of {name}: {code} {err}")
    if "constexport/" in text:
        problems.append("a header needs the library")
    print(f"{len(headers)} headers, {refused} models refused by name")


# What check calls an error and find_mismatch looks for, too.
DIFFERENCES = {
    "input-removed", "input-added", "input-renamed", "inputs-reordered", "output-removed", "output-renamed", "output-added", "outputs-reordered",
    "dtype-changed", "rank-changed", "rank-stated", "size-changed", "size-stated", "axis-fixed", "axis-freed", "axes-merged",
}  # fmt: skip
# Reads the contract, and says of each described file whether it differs.
AGREEMENT = """
#include "all.hpp"
#include <constexport/check/mismatch.hpp>
#include <constexport/onnx/contract_reader.hpp>
#include <cstdio>
#include <deque>
#include <string>
#include <vector>
using namespace constexport;
contract_storage<> storage;
std::string text;
template <class File>
void compare(File const& file) {  // one type of file, so that the comparison is compiled once
  std::deque<std::vector<described_dim>> dims;
  auto const tensors = [&](auto const& from) {
    std::vector<described_tensor> result;
    for (auto const& each : from) {
      auto& sizes = dims.emplace_back();
      for (auto const& dim : each.dims) sizes.push_back({dim.size, dim.param});
      result.push_back({each.name, static_cast<dtype>(each.type), sizes, each.is_ranked, each.has_default});
    }
    return result;
  };
  auto const inputs = tensors(file.inputs), outputs = tensors(file.outputs);
  mismatch const found = find_mismatch(storage.bound(), described_file{inputs, outputs, file.opset});
  std::printf("%d %s %s|%s\\n", static_cast<int>(found.kind), found.where, found.expected, found.found);
}
int main(int, char** argv) {
  std::FILE* const file = std::fopen(argv[1], "r");
  for (int c; (c = std::fgetc(file)) != EOF;) text += static_cast<char>(c);
  if (!read_contract(text, storage)) return 1;
"""


def check_agreement(program, folder, problems, compiler):
    """Of what a header describes, the comparison that needs no heap says the same as `check`; mismatch_test.cpp has many more files."""
    def is_dense(made):
        return all(tensor.type.HasField("tensor_type") for tensor in [*made.graph.input, *made.graph.output])

    models = [(name, made) for name, made, *_ in cases() if not made.metadata_props and is_dense(made)]
    path, contract, expected = folder / "model.onnx", folder / "contract.json", []
    with (folder / "all.hpp").open("w", encoding="utf-8") as out:
        for index, (name, made) in enumerate(models):
            path.write_bytes(made.SerializeToString())
            code, text, err = run(program, "header", str(path), "--namespace", f"io_{index}")
            if code:
                problems.append(f"header of {name}: {err}")
            out.write(text)
            _, text, _ = run(program, "check", str(path), "--contract", str(contract), "--format", "json")
            expected.append([each for each in json.loads(text)["findings"] if each["level"] == "error" and each["id"] in DIFFERENCES])
    calls = "".join(f"  compare(io_{index}::contract.value);\n" for index in range(len(models)))
    (folder / "agreement.cpp").write_text(AGREEMENT + calls + "}\n")
    done = subprocess.run([*compiler, "-w", f"-I{folder}", str(folder / "agreement.cpp"), "-o", str(folder / "agreement")], capture_output=True, text=True, check=False)
    if done.returncode:
        problems.append(f"agreement: {done.stderr[:2000]}")
        return
    code, out, _ = run(str(folder / "agreement"), str(contract))
    lines = out.splitlines()
    if code or len(lines) != len(models):
        problems.append(f"agreement: {code}, {len(lines)} lines")
    for (name, made), wanted, found in zip(models, expected, lines):
        if bool(wanted) != (found[0] != "0"):
            shapes = [(t.name, [d.dim_param or d.dim_value for d in shape(t)]) for t in [*made.graph.input, *made.graph.output]]
            problems.append(f"{name}: check {[(each['id'], each['message']) for each in wanted]}, mismatch {found}: {shapes}")
    print(f"{len(models)} files compared by both ways, {sum(map(bool, expected))} of them differ")


def check_weights_stay(program, folder, problems):
    """A file of 90 MB takes no more memory than its structure."""
    large = numpy_helper.from_array(numpy.zeros((9, 4), numpy.float32), "table")
    made = model(initializer=[large])
    made.graph.initializer.append(numpy_helper.from_array(numpy.zeros(90_000_000 // 4, numpy.float32), "large"))
    made.graph.node.append(helper.make_node("Identity", ["large"], ["unused"]))
    path = folder / "large.onnx"
    path.write_bytes(made.SerializeToString())

    def peak(*arguments):
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os.execv(program, [program, *arguments])
        _, status, usage = os.wait4(child, 0)
        return status, usage.ru_maxrss, usage.ru_utime + usage.ru_stime

    (_, least, least_time), (status, most, most_time) = peak("--version"), peak("check", str(path), "--contract", str(folder / "contract.json"))
    print(f"90 MB checked in {1000 * (most_time - least_time):.1f} ms of processor time and {most - least} KiB beyond the start")
    if status != 0 or most - least > 4096:
        problems.append(f"large file: status {status}, {most - least} KiB")


def main():
    program, problems = os.path.abspath(sys.argv[1]), []
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        count = check_cases(program, folder, problems)
        check_unreadable(program, folder, problems)
        check_weights_stay(program, folder, problems)
        check_many(program, folder, problems)
        shipped = check_shipped(program, folder, problems)
        check_headers(program, folder, problems, sys.argv[2:])
        if sys.argv[2:]:
            check_agreement(program, folder, problems, sys.argv[2:])
    for problem in problems:
        print(problem)
    print(f"{count} cases, {shipped} shipped models, {len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
