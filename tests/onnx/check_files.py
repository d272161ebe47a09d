"""check_files.py WRITE_FILES: the files that the program writes, read by the official `onnx` package.

Every field is compared with the listing that the program writes from the contract, the bytes with those that protobuf
makes of the same message, and the text in the metadata with the rest of the file.
"""

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import onnx

IR_OF_OPSET = {17: 8, 18: 8, 19: 9, 20: 9, 21: 10}
IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


def read_listing(path):
    listing = {"identity": None, "symbols": [], "input": [], "output": []}
    for line in path.read_text(encoding="utf-8").splitlines():
        kind, _, rest = line.partition(" ")
        if kind == "identity":
            listing["identity"] = rest.split(" ")
        elif kind in ("axis", "parameter"):
            name, value, state = rest.split(" ")
            listing["symbols"].append((kind, name, int(value), state == "free"))
        elif kind in ("input", "output"):
            name, dtype = rest.rsplit(" ", 1)
            listing[kind].append((name, int(dtype), []))
            dims = listing[kind][-1][2]
        elif kind == "dim":
            size, at_trial, text = rest.split(" ", 2)
            dims.append((None if size == "-" else int(size), int(at_trial), text))
    return listing


def values_by_name(symbols):
    """Names as expressions use them: axes, and parameters that no axis hides."""
    values = {name: value for kind, name, value, _ in symbols if kind == "parameter"}
    values.update({name: value for kind, name, value, _ in symbols if kind == "axis"})
    return values


def simple_name(text, symbols):
    """The name of a dimension that is an axis or a sum of axes, put together here from its documentation."""
    fixed = {name: value for kind, name, value, free in symbols if kind == "axis" and not free}
    terms = [part for part in text.split(" + ") if fixed.get(part) != 0]
    if all(IDENTIFIER.fullmatch(term) for term in terms):
        return "_plus_".join(sorted(terms))
    return None


def unfold(rows, environment):
    """Names of the tensors that the metadata's rows stand for."""
    present = [row for row in rows if eval(str(row.get("when", 1)), {}, environment)]
    names, at = [], 0
    while at < len(present):
        group = [present[at]]
        while "group" in group[0] and at + len(group) < len(present):
            if present[at + len(group)].get("group") != group[0]["group"]:
                break
            group.append(present[at + len(group)])
        if "repeat" in group[0]:
            for layer in range(eval(str(group[0]["repeat"]), {}, environment)):
                names += [(row["name"].replace("*", str(layer)), row) for row in group]
        else:
            names.append((group[0]["name"], group[0]))
        at += len(group)
    return names


def check(path):
    data = path.read_bytes()
    listing = read_listing(path.with_suffix(".txt"))
    class_name, task, opset, naming = listing["identity"]
    model = onnx.load_model(path)
    assert model.SerializeToString(deterministic=True) == data, "protobuf writes other bytes"
    assert onnx.ModelProto.FromString(data) == model
    assert model.ir_version == IR_OF_OPSET[int(opset)]
    assert [(each.domain, each.version) for each in model.opset_import] == [("", int(opset))]
    assert model.producer_name == "constexport" and re.fullmatch(r"\d+\.\d+\.\d+", model.producer_version)
    assert model.graph.name and not model.graph.node and not model.graph.initializer

    names, expressions = {}, {}
    for kind in ("input", "output"):
        values = getattr(model.graph, kind)
        assert [value.name for value in values] == [name for name, _, _ in listing[kind]]
        for value, (name, dtype, dims) in zip(values, listing[kind], strict=True):
            onnx.checker.check_value_info(value, onnx.checker.DEFAULT_CONTEXT)
            assert value.type.WhichOneof("value") == "tensor_type"
            assert value.type.tensor_type.elem_type == dtype, name
            assert value.type.tensor_type.HasField("shape")
            shape = value.type.tensor_type.shape.dim
            assert len(shape) == len(dims), name
            for dim, (size, at_trial, text) in zip(shape, dims, strict=True):
                if size is not None:
                    assert dim.WhichOneof("value") == "dim_value" and dim.dim_value == size, (name, text)
                    continue
                assert dim.WhichOneof("value") == "dim_param", (name, text)
                if naming == "optimum":
                    assert dim.dim_param == text, (name, text)
                    continue
                assert IDENTIFIER.fullmatch(dim.dim_param), (name, dim.dim_param)
                expected = simple_name(text, listing["symbols"])
                assert expected is None or dim.dim_param == expected, (name, text, dim.dim_param)
                # One name, one size, in the whole file.
                assert names.setdefault(dim.dim_param, at_trial) == at_trial, (name, dim.dim_param)
                assert expressions.setdefault(text, dim.dim_param) == dim.dim_param, (name, text)

    assert [entry.key for entry in model.metadata_props] == ["constexport.contract.v1"]
    contract = json.loads(model.metadata_props[0].value)
    assert (contract["class"], contract["task"], contract["opset"]) == (class_name, task, int(opset))
    for kind, members in (("axis", contract["axes"]), ("parameter", contract["parameters"])):
        expected = {name: (value, free) for of, name, value, free in listing["symbols"] if of == kind}
        assert list(members) == list(expected)
        for name, each in members.items():
            each = {"value": each} if isinstance(each, int) else each
            value, free = expected[name]
            assert ("value" not in each) if free else each["value"] == value, (name, each)
    environment = {"min": min, "max": max, **values_by_name(listing["symbols"])}
    for kind in ("input", "output"):
        unfolded = unfold(contract[kind + "s"], environment)
        assert [name for name, _ in unfolded] == [name for name, _, _ in listing[kind]]
        for (name, row), (_, _, dims) in zip(unfolded, listing[kind], strict=True):
            for written, (_, at_trial, text) in zip(row["dims"], dims, strict=True):
                own, size = next(iter(written.items())) if isinstance(written, dict) else (None, written)
                assert own in (None, "", text), (name, own, text)  # "": not listed by Optimum
                if "parameter." not in str(size):
                    assert eval(str(size), {}, environment) == at_trial, (name, size, at_trial)
            if "past" in row:
                assert any(each["name"] == row["past"] and each["role"] == "past" for each in contract["inputs"])
    return len(listing["input"]) + len(listing["output"])


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.argv[1], folder], check=True)
        for path in sorted(Path(folder).glob("*.onnx")):
            try:
                print(f"{path.stem}: {check(path)} tensors")
                passed += 1
            except Exception as error:
                print(f"{path.stem}: {type(error).__name__}: {error}")
                failed += 1
    print(f"{passed} passed, {failed} failed")
    sys.exit(failed > 0 or passed == 0)


main()
