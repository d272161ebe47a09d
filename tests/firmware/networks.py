"""Small networks with axes that vary: (the file, inputs for it, sizes of the axes). What is in a file is random."""

import numpy
import onnx
from onnx import TensorProto, helper, numpy_helper
from onnx.helper import make_node
from onnx.helper import make_tensor_value_info as value


def model(name, nodes, inputs, outputs, weights):
    constants = [numpy_helper.from_array(numpy.asarray(data, "float32"), key) for key, data in weights.items()]
    graph = helper.make_graph(nodes, name, inputs, outputs, constants)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8)


def classifier(random):
    """Pixels as bytes, two convolutions with pooling between them, one row of scores for each image."""
    weights = {
        "scale": 2 / 255, "c1": random.normal(size=(4, 1, 3, 3)), "k1": random.normal(size=4), "k2": random.normal(size=8),
        "c2": random.normal(size=(8, 4, 3, 3)) / 6, "w": random.normal(size=(8, 10)), "b": random.normal(size=10),
    }  # fmt: skip
    nodes = [
        make_node("Cast", ["image"], ["real"], to=TensorProto.FLOAT),
        make_node("Mul", ["real", "scale"], ["scaled"]),
        make_node("Conv", ["scaled", "c1", "k1"], ["v1"], pads=[1, 1, 1, 1]),
        make_node("Relu", ["v1"], ["r1"]),
        make_node("MaxPool", ["r1"], ["p1"], kernel_shape=[2, 2], strides=[2, 2]),
        make_node("Conv", ["p1", "c2", "k2"], ["v2"], pads=[1, 1, 1, 1]),
        make_node("Relu", ["v2"], ["r2"]),
        make_node("GlobalAveragePool", ["r2"], ["p2"]),
        make_node("Flatten", ["p2"], ["flat"]),
        make_node("Gemm", ["flat", "w", "b"], ["dense"]),
        make_node("Softmax", ["dense"], ["scores"], axis=-1),
    ]
    inputs = [value("image", TensorProto.UINT8, ["batch", 1, "height", "width"])]
    outputs = [value("scores", TensorProto.FLOAT, ["batch", 10])]
    fed = {"image": random.integers(0, 256, size=(1, 1, 16, 12)).astype("uint8")}
    return model("classifier", nodes, inputs, outputs, weights), fed, {"batch": 1, "height": 16, "width": 12}


def perceptron(random):
    """Two layers. Outputs of four dtypes, one of them a scalar; names that C does not have."""
    weights = {"w1": random.normal(size=(6, 16)), "b1": random.normal(size=16), "w2": random.normal(size=(16, 4)), "zero": 0}
    nodes = [
        make_node("Mul", ["x.in", "factor"], ["scaled"]),
        make_node("MatMul", ["scaled", "w1"], ["m1"]),
        make_node("Add", ["m1", "b1"], ["a1"]),
        make_node("Tanh", ["a1"], ["t1"]),
        make_node("MatMul", ["t1", "w2"], ["m2"]),
        make_node("Softmax", ["m2"], ["probabilities/0"], axis=-1),
        make_node("Greater", ["m2", "zero"], ["is positive"]),
        make_node("ArgMax", ["m2"], ["best"], axis=-1, keepdims=0),
        make_node("ReduceSum", ["m1"], ["total"], keepdims=0),
    ]
    inputs = [value("x.in", TensorProto.FLOAT, ["batch", "length", 6]), value("factor", TensorProto.FLOAT, [])]
    outputs = [
        value("probabilities/0", TensorProto.FLOAT, ["batch", "length", 4]), value("best", TensorProto.INT64, ["batch", "length"]),
        value("is positive", TensorProto.BOOL, ["batch", "length", 4]), value("total", TensorProto.FLOAT, []),
    ]  # fmt: skip
    fed = {"x.in": random.normal(size=(2, 3, 6)).astype("float32"), "factor": numpy.array(0.75, "float32")}
    return model("perceptron", nodes, inputs, outputs, weights), fed, {"batch": 2, "length": 3}


def attention(random):
    """One head over tokens of which a mask hides some; a normalisation, and a GELU written with Erf."""
    weights = {name: random.normal(size=(8, 8)) / 3 for name in ("q", "k", "v", "w")}
    weights |= {"gain": random.normal(size=8), "bias": random.normal(size=8), "scale": 8**-0.5, "hidden": -1e9, "root": 2**-0.5, "one": 1, "half": 0.5}
    nodes = [
        make_node("LayerNormalization", ["tokens", "gain", "bias"], ["normal"], axis=-1),
        *(make_node("MatMul", ["normal", name], ["x_" + name]) for name in ("q", "k", "v")),
        make_node("Transpose", ["x_k"], ["turned"], perm=[0, 2, 1]),
        make_node("MatMul", ["x_q", "turned"], ["products"]),
        make_node("Mul", ["products", "scale"], ["scores"]),
        make_node("Where", ["mask", "scores", "hidden"], ["seen"]),
        make_node("Softmax", ["seen"], ["shares"], axis=-1),
        make_node("MatMul", ["shares", "x_v"], ["mixed"]),
        make_node("MatMul", ["mixed", "w"], ["wide"]),
        make_node("Mul", ["wide", "root"], ["small"]),
        make_node("Erf", ["small"], ["erf"]),
        make_node("Add", ["erf", "one"], ["share"]),
        make_node("Mul", ["wide", "share"], ["twice"]),
        make_node("Mul", ["twice", "half"], ["gelu"]),
        make_node("Add", ["tokens", "gelu"], ["result"]),
    ]
    inputs = [value("tokens", TensorProto.FLOAT, ["batch", "length", 8]), value("mask", TensorProto.BOOL, ["batch", 1, "length"])]
    outputs = [value("result", TensorProto.FLOAT, ["batch", "length", 8])]
    fed = {"tokens": random.normal(size=(2, 5, 8)).astype("float32"), "mask": numpy.array([[[1, 1, 1, 0, 0]], [[1, 1, 1, 1, 1]]], "bool")}
    return model("attention", nodes, inputs, outputs, weights), fed, {"batch": 2, "length": 5}


def gpt2(random, file):
    """Two layers with a key/value cache: one token behind three others. The file is the decoding example's."""
    cache = {f"past_key_values.{layer}.{part}": random.normal(size=(1, 2, 3, 8)).astype("float32") for layer in (0, 1) for part in ("key", "value")}
    fed = {"input_ids": numpy.array([[7]]), "attention_mask": numpy.array([[0, 1, 1, 1]]), **cache, "position_ids": numpy.array([[2]])}
    return onnx.load(file), fed, {"batch_size": 1, "sequence_length": 1, "past_sequence_length": 3}


def expected(made, fed):
    """What the file gives, in ONNX Runtime where it is installed; and by whom."""
    try:
        import onnxruntime
    except ImportError:
        from onnx.reference import ReferenceEvaluator

        return ReferenceEvaluator(made).run(None, fed), "the onnx package"
    session = onnxruntime.InferenceSession(made.SerializeToString(), providers=["CPUExecutionProvider"])
    return session.run(None, fed), "ONNX Runtime"


def write_test_data(folder, made, fed, results):
    """ONNX's layout of one set."""
    folder.mkdir(exist_ok=True)
    for kind, values, arrays in (("input", made.graph.input, [fed[each.name] for each in made.graph.input]), ("output", made.graph.output, results)):
        for number, (each, array) in enumerate(zip(values, arrays, strict=True)):
            (folder / f"{kind}_{number}.pb").write_bytes(numpy_helper.from_array(numpy.asarray(array), each.name).SerializeToString())
