"""make_golden.py > golden.hpp: the bytes that the official `onnx` package makes of the messages in the tests.

Run it only when a message is added; the tests read golden.hpp and need no Python.
"""

import json
import struct

import onnx
from onnx import TensorProto, helper


def varint(value):
    value &= (1 << 64) - 1
    out = b""
    while value >= 0x80:
        out += bytes([value & 0x7F | 0x80])
        value >>= 7
    return out + bytes([value])


def chunk(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def value(name, elem_type, shape):
    return helper.make_tensor_value_info(name, elem_type, shape)


def exp_model():
    """The model of onnx's own test test_operator_exp, written down byte by byte in its documentation's terms."""
    dims = chunk(1, b"\x08\x03") + chunk(1, b"\x08\x04")
    tensor = b"\x08\x01" + chunk(2, dims)

    def info(name):
        return chunk(1, name) + chunk(2, chunk(1, tensor))

    node = chunk(1, b"0") + chunk(2, b"1") + chunk(4, b"Exp")
    graph = chunk(1, node) + chunk(2, b"torch-jit-export") + chunk(11, info(b"0")) + chunk(12, info(b"1"))
    return b"\x08\x03" + chunk(2, b"pytorch") + chunk(3, b"0.3") + chunk(7, graph) + chunk(8, b"\x10\x06")


def full_model():
    """Every building block once: attributes of all kinds, initialisers, two domains, metadata."""
    weight = TensorProto(dims=[2, 2], data_type=TensorProto.FLOAT, name="weight")
    weight.raw_data = struct.pack("<4f", 1, -2, 0.5, 3)
    scalar = TensorProto(data_type=TensorProto.INT64, name="scalar")
    scalar.raw_data = struct.pack("<q", -1)
    outside = TensorProto(dims=[1024, 4], data_type=TensorProto.FLOAT16, name="outside")
    for key, text in (("location", "model.onnx.data"), ("offset", "4096"), ("length", "8192")):
        outside.external_data.add(key=key, value=text)
    outside.data_location = TensorProto.EXTERNAL

    node = onnx.NodeProto(input=["x", "", "weight"], output=["y"], name="first", op_type="Custom", domain="own.domain")

    def attribute(name, kind, **fields):
        node.attribute.append(onnx.AttributeProto(name=name, type=kind, **fields))

    kinds = onnx.AttributeProto
    attribute("alpha", kinds.FLOAT, f=0.25)
    attribute("axis", kinds.INT, i=-1)
    attribute("mode", kinds.STRING, s=b"constant")
    attribute("value", kinds.TENSOR, t=TensorProto(dims=[1], data_type=TensorProto.INT64, raw_data=struct.pack("<q", 7)))
    attribute("scales", kinds.FLOATS, floats=[1.0, -0.0, 3.5])
    attribute("axes", kinds.INTS, ints=[0, -1, 300, -(2**63), 2**63 - 1])
    attribute("names", kinds.STRINGS, strings=[b"a", b"", b"bc"])
    attribute("none", kinds.INTS)
    plain = onnx.NodeProto(input=["y"], output=["z"], op_type="Identity")

    graph = onnx.GraphProto(name="graph", node=[node, plain], initializer=[weight, scalar, outside])
    graph.input.append(value("x", TensorProto.INT64, ["batch_size", 16, None]))
    graph.output.append(value("z", TensorProto.FLOAT, []))
    graph.value_info.append(value("y", TensorProto.BFLOAT16, [0, "n"]))
    model = onnx.ModelProto(ir_version=10, producer_name="test", producer_version="1.2", doc_string="words", graph=graph)
    model.opset_import.add(version=21)
    model.opset_import.add(domain="own.domain", version=1)
    model.metadata_props.add(key="author", value="somebody")
    model.metadata_props.add(key="empty", value="")
    return model.SerializeToString(deterministic=True)


def kinds_model():
    """Values that are no tensors, a shape that is missing, typed data, a graph within a graph."""
    graph = onnx.GraphProto(name="kinds")
    graph.input.append(helper.make_tensor_sequence_value_info("list", TensorProto.FLOAT, ["n"]))
    graph.input.append(
        helper.make_value_info(
            "maybe", helper.make_optional_type_proto(helper.make_tensor_type_proto(TensorProto.INT32, [2]))
        )
    )
    graph.input.append(
        helper.make_value_info(
            "table", helper.make_map_type_proto(TensorProto.INT64, helper.make_tensor_type_proto(TensorProto.FLOAT, [1]))
        )
    )
    graph.input.append(helper.make_sparse_tensor_value_info("sparse", TensorProto.DOUBLE, [3, "m"]))
    graph.input.append(value("shapeless", TensorProto.STRING, None))
    graph.input.append(onnx.ValueInfoProto(name="typeless"))
    graph.initializer.append(helper.make_tensor("floats", TensorProto.FLOAT, [3], [1.0, 2.0, 3.0]))
    graph.initializer.append(helper.make_tensor("longs", TensorProto.INT64, [2], [-1, 300]))
    graph.initializer.append(helper.make_tensor("words", TensorProto.STRING, [2], [b"ab", b"c"]))
    inner = helper.make_graph([helper.make_node("Identity", ["floats"], ["out"])], "inner", [], [value("out", 1, [3])])
    graph.node.append(helper.make_node("If", ["condition"], ["result"], then_branch=inner, else_branch=inner))
    graph.output.append(value("result", TensorProto.FLOAT, [3]))
    model = onnx.ModelProto(ir_version=8, graph=graph)
    model.opset_import.add(domain="ai.onnx", version=17)
    return model.SerializeToString(deterministic=True)


def packed_model():
    """Numbers packed, which ONNX's own writer never does, and fields of the future, which a reader must pass over."""
    ints = chunk(1, b"axes") + chunk(8, varint(5) + varint(-7) + varint(1000)) + varint(20 << 3) + b"\x07"
    ints += chunk(8, b"") + varint(8 << 3) + varint(9)  # an empty pack, and one more number on its own
    floats = chunk(1, b"scales") + chunk(7, struct.pack("<2f", 1.5, -2.5)) + varint(20 << 3) + b"\x06"
    node = chunk(2, b"y") + chunk(4, b"Op") + chunk(5, ints) + chunk(5, floats)
    tensor = chunk(1, varint(2) + varint(3)) + b"\x10\x01" + chunk(8, b"w") + chunk(9, bytes(24))
    future = chunk(1000, b"anything") + varint(1001 << 3 | 1) + bytes(8) + varint(1002 << 3 | 5) + bytes(4)
    future += varint(1003 << 3) + varint(2**64 - 1)
    graph = chunk(1, node) + future + chunk(2, b"g") + chunk(5, tensor)
    return future + b"\x08\x08" + chunk(7, graph) + chunk(8, b"\x10\x12")


def tiny_metadata():
    """The contract `tiny` of tests/onnx/metadata_test.cpp, with two layers and 16 numbers in a head."""
    graph = onnx.GraphProto(name="tiny")
    tokens = ["batch_size", "sequence_length"]
    total = "past_sequence_length_plus_sequence_length"
    graph.input.append(value("input_ids", TensorProto.INT64, tokens))
    graph.input.append(value("attention_mask", TensorProto.BOOL, ["batch_size", total]))
    for layer in range(2):
        for part in ("key", "value"):
            graph.input.append(value(f"past.{layer}.{part}", TensorProto.FLOAT16, ["batch_size", "past_sequence_length", 16]))
    graph.input.append(value("scale", TensorProto.DOUBLE, []))
    graph.output.append(value("half", TensorProto.FLOAT, ["batch_size", "open_sequence_length_plus_1_close_div_2", 1]))
    for layer in range(2):
        for part in ("key", "value"):
            graph.output.append(value(f"present.{layer}.{part}", TensorProto.FLOAT16, ["batch_size", total, 16]))

    def cache(name, length, **more):
        return {"name": name, "dtype": "float16", "dims": ["batch_size", length, "hidden_size // heads"], **more}

    past = {"repeat": "layers", "group": 1, "role": "past"}
    present = {"repeat": "layers", "group": 2, "role": "present"}
    summed = "past_sequence_length + sequence_length"
    contract = {
        "class": "TinyOnnxConfig",
        "library": "transformers",
        "model_type": "tiny",
        "task": "text-generation",
        "behavior": "decoder",
        "use_past": True,
        "use_past_in_inputs": True,
        "opset": 18,
        "atol": 0.05,
        "inputs": [
            {"name": "input_ids", "dtype": "int64", "dims": tokens},
            {"name": "attention_mask", "dtype": "bool", "dims": ["batch_size", summed]},
            cache("past.*.key", "past_sequence_length", **past),
            cache("past.*.value", "past_sequence_length", **past),
            {"name": "scale", "dtype": "float64", "dims": [], "when": "heads"},
        ],
        "outputs": [
            {"name": "half", "dtype": "float32", "dims": ["batch_size", {"half": "(sequence_length + 1) // 2"}, {"1": 1}]},
            cache("present.*.key", summed, **present, past="past.*.key"),
            cache("present.*.value", summed, **present, past="past.*.value"),
        ],
        "axes": {
            "batch_size": {"default": 2},
            "sequence_length": {"default": 16, "max": 1024, "multiple": 8},
            "past_sequence_length": {"default": 16, "min": 0},
        },
        "parameters": {"layers": 2, "hidden_size": 32, "heads": 2},
    }
    # "half" is two tensors' business: the alias of the dimension, and an output. Only dimensions count.
    graph.output[0].type.tensor_type.shape.dim[1].dim_param = "half"
    model = onnx.ModelProto(ir_version=8, producer_name="constexport", producer_version="0.1.0", graph=graph)
    model.opset_import.add(version=18)
    text = json.dumps(contract, separators=(",", ":")).replace('"atol":0.05', '"atol":5e-2')
    model.metadata_props.add(key="constexport.contract.v1", value=text)
    return model.SerializeToString(deterministic=True)


def main():
    blocks = {
        "exp_model": exp_model(),
        "full_model": full_model(),
        "kinds_model": kinds_model(),
        "packed_model": packed_model(),
        "tiny_metadata": tiny_metadata(),
        "opset_zero": onnx.OperatorSetIdProto(version=0).SerializeToString(),
        "negative_dim": helper.make_tensor_value_info("n", 7, [-1]).SerializeToString(),
    }
    for name, data in blocks.items():
        if name.endswith(("model", "metadata")):
            onnx.load_model_from_string(data)
    print("/// Bytes made by make_golden.py with the official onnx package; do not edit.")
    print("#pragma once\n")
    print("namespace golden {\n")
    for name, data in blocks.items():
        print(f"inline constexpr unsigned char {name}[] = {{")
        for at in range(0, len(data), 20):
            print("    " + ", ".join(str(byte) for byte in data[at : at + 20]) + ",")
        print("};\n")
    print("}  // namespace golden")


main()
