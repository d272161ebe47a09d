"""`constexport emit` against files that were written by hand, and each of them read by the tool that it is for.

Usage: readers_test.py PROGRAM DATA_FOLDER
       readers_test.py --reader NAME PROGRAM DATA_FOLDER   one reader, in a process of its own

A reader whose tool is not installed is skipped, and counted. The last line of output is `N passed, N failed[, N skipped]`.
"""

import ast
import json
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
from command import run  # noqa: E402
from outcomes import Failure, case, check, finish  # noqa: E402

# Golden file: what is between `emit FORMAT` and it on the command line.
GOLDEN = {
    "decoder.genai.json": ["--filename", "decoder.onnx"],
    "llama.genai.json": ["--model-type", "llama", "--task", "text-generation-with-past"],
    "decoder.triton.pbtxt": ["--name", "decoder"],
    "image.triton.pbtxt": ["--name", "image", "--axis", "height=32"],
    "decoder.trtexec.txt": [],
    "image.trtexec.txt": ["--axis", "batch=:4:", "--axis", "height=:24:", "--axis", "count=0:7:99"],
    "decoder.polygraphy.txt": ["--axis", "batch_size=4", "--axis", "sequence_length=1", "--axis", "past_sequence_length=16:32"],
    "image.openvino.txt": [],
    "decoder.openvino.txt": ["--axis", "batch_size=1"],
    "decoder.onnxruntime-json.json": ["--axis", "batch_size=1", "--axis", "sequence_length=4", "--axis", "past_sequence_length=8"],
    "image.onnxruntime-json.json": ["--axis", "height=16"],
    "decoder.dynamic-axes.py": [],
    "image.dynamic-axes.py": ["--axis", "batch=1"],
    "decoder.dynamic-shapes.py": [],
    "image.dynamic-shapes.py": [],
}

# Contract, format, further arguments, and what the message must contain; the exit code is 2.
REFUSED = [
    ("image", "genai", [], ["pixels", "input_ids, logits"]),
    ("image", "trtexec", [], ['"count" of "labels" has no largest size', "--axis NAME=MIN:USUAL:MAX"]),
    ("image", "openvino", ["--axis", "heigth=8"], ['no axis "heigth"']),
    ("image", "openvino", ["--axis", "height=9"], ['"height" cannot be 9', "its sizes are"]),
    ("image", "openvino", ["--axis", "batch=65"], ['"batch" cannot be 65']),
    ("image", "openvino", ["--axis", "batch=8:4"], ['"batch" cannot be 4']),
    ("image", "openvino", ["--axis", "batch=4:2:8"], ['"batch" cannot be 2']),
    ("image", "openvino", ["--axis", "batch"], ["NAME=MIN:USUAL:MAX"]),
    ("image", "openvino", ["--axis", "batch=1:2:3:4"], ["NAME=MIN:USUAL:MAX"]),
    ("image", "openvino", ["--axis", "batch=-1"], ["NAME=MIN:USUAL:MAX"]),
    ("image", "openvino", ["--axis", "batch=4:65"], ['"batch" cannot be 65', "1 to 64"]),
    ("image", "trtexec", ["--limit", "batch=65", "--limit", "count=9"], ['"batch" cannot be 65', "its sizes are"]),
    ('{"inputs": [{"name": "x y", "dtype": "int64", "dims": ["n"]}], "outputs": [{"name": "z", "dims": null}], "axes": {"n": {"max": 3}}}', "trtexec", [], ["x y", "blanks"]),
    ('{"inputs": [{"name": "x", "dtype": "complex64", "dims": ["n"]}], "outputs": [{"name": "z", "dtype": "int64", "dims": []}]}', "triton", [], ['"x"', "dtype"]),
    ('{"inputs": [{"name": "x", "dtype": "int64", "dims": ["n"]}], "outputs": [{"name": "z", "dims": null}]}', "triton", [], ['"z"', "rank"]),
]  # fmt: skip


def emit(program, folder, name, *more):
    """What the command writes for a golden file."""
    contract, form = name.split(".")[:2]
    which = ["--config", str(folder / "llama.config.json")] if contract == "llama" else ["--contract", str(folder / f"{contract}.json")]
    code, out, err = run(program, "emit", form, *GOLDEN[name], *which, *more)
    if code:
        raise AssertionError(f"{name}: exit code {code}: {err}")
    return out


def constants(model, name, shape, kind):
    """An output that is made of nothing: readers look at the interface only."""
    from onnx import helper

    sizes = [1 if isinstance(size, str) else size for size in shape]
    count = 1
    for size in sizes:
        count *= size
    model.append(helper.make_node("Constant", [], [name], value=helper.make_tensor(name, kind, sizes, [0] * count)))


def onnx_file(folder, path):
    """The interface of decoder.json as a file, its dimensions named as this library names them."""
    import onnx
    from onnx import TensorProto, helper

    dims = {"cache": ["batch_size", 2, "past_sequence_length", 4], "ids": ["batch_size", "sequence_length"]}
    total = "past_sequence_length_plus_sequence_length"
    value = helper.make_tensor_value_info
    inputs = [value("input_ids", TensorProto.INT64, dims["ids"]), value("attention_mask", TensorProto.INT64, ["batch_size", total]), value("position_ids", TensorProto.INT64, dims["ids"])]
    outputs = [value("logits", TensorProto.FLOAT, [*dims["ids"], 32])]
    weights = [helper.make_tensor("embedding", TensorProto.FLOAT, [32, 32], [0.0] * 1024), helper.make_tensor("head", TensorProto.FLOAT, [32, 4], [0.0] * 128), helper.make_tensor("one", TensorProto.INT64, [1], [1])]
    # One new entry of the cache per token, for both of its heads.
    nodes = [helper.make_node("Gather", ["embedding", "input_ids"], ["logits"]), helper.make_node("Gather", ["head", "input_ids"], ["new"]), helper.make_node("Unsqueeze", ["new", "one"], ["new_head"])]
    nodes.append(helper.make_node("Concat", ["new_head", "new_head"], ["new_heads"], axis=1))
    for layer in range(2):
        for part in ("key", "value"):
            past, present = f"past_key_values.{layer}.{part}", f"present.{layer}.{part}"
            inputs.append(value(past, TensorProto.FLOAT, dims["cache"]))
            outputs.append(value(present, TensorProto.FLOAT, ["batch_size", 2, total, 4]))
            nodes.append(helper.make_node("Concat", [past, "new_heads"], [present], axis=2))
    graph = helper.make_graph(nodes, "decoder", inputs, outputs, weights)
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=8), path)


def read_onnxruntime(program, folder, scratch):
    import onnx
    import onnxruntime

    onnx_file(folder, scratch / "decoder.onnx")
    options = onnxruntime.SessionOptions()
    for name, size in json.loads(emit(program, folder, "decoder.onnxruntime-json.json")).items():
        options.add_free_dimension_override_by_name(name, size)
    session = onnxruntime.InferenceSession(str(scratch / "decoder.onnx"), options, providers=["CPUExecutionProvider"])
    shapes = {tensor.name: tensor.shape for tensor in session.get_inputs()}
    # Where the file is given, its own names count.
    own = onnx.load(scratch / "decoder.onnx")
    for tensor in own.graph.input:
        for dim in tensor.type.tensor_type.shape.dim:
            if "_plus_" in dim.dim_param:
                dim.dim_param = "past_sequence_length + sequence_length"
    onnx.save(own, scratch / "own.onnx")
    code, out, err = run(program, "emit", "onnxruntime-json", "--contract", str(scratch / "own.onnx"), "--axis", "past_sequence_length=8", "--axis", "sequence_length=4")
    own.graph.input[0].type.tensor_type.shape.dim[0].dim_param = "batch size"
    onnx.save(own, scratch / "blanks.onnx")
    refused, _, words = run(program, "emit", "onnxruntime", "--contract", str(scratch / "blanks.onnx"))
    assert refused == 2 and '"batch size" cannot be named in ONNX Runtime' in words, words
    assert code == 0 and json.loads(out) == {"sequence_length": 4, "past_sequence_length": 8, "past_sequence_length + sequence_length": 12}, (out, err)
    assert shapes["input_ids"] == [1, 4] and shapes["attention_mask"] == [1, 12] and shapes["past_key_values.1.key"] == [1, 2, 8, 4], shapes


def read_openvino(program, folder, scratch):
    import openvino

    onnx_file(folder, scratch / "decoder.onnx")
    text = emit(program, folder, "decoder.openvino.txt").strip()
    shapes = {name: openvino.PartialShape(f"[{sizes}]") for name, sizes in re.findall(r"([^,\[\]]+)\[([^\]]*)\]", text)}
    model = openvino.Core().read_model(scratch / "decoder.onnx")
    model.reshape(shapes)
    key = model.input("past_key_values.1.key").partial_shape
    assert [(dim.min_length, dim.max_length) for dim in key] == [(1, 1), (2, 2), (0, 32), (4, 4)], key
    assert model.input("attention_mask").partial_shape == openvino.PartialShape("[1,1..48]")
    done = subprocess.run(
        [str(pathlib.Path(sys.executable).parent / "ovc"), str(scratch / "decoder.onnx"), "--input", text, "--output_model", str(scratch / "decoder.xml")], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    converted = openvino.Core().read_model(scratch / "decoder.xml")
    assert converted.input("attention_mask").partial_shape == openvino.PartialShape("[1,1..48]"), converted.inputs


def read_polygraphy(program, folder, scratch):
    from polygraphy.common import TensorMetadata
    from polygraphy.tools.args.backend.trt.config import parse_profile_shapes

    lines = [shlex.split(line) for line in emit(program, folder, "decoder.polygraphy.txt").splitlines()]
    assert [line[0] for line in lines] == ["--trt-min-shapes", "--trt-opt-shapes", "--trt-max-shapes"], lines
    (profile,) = parse_profile_shapes(TensorMetadata(), *([line[1:]] for line in lines))
    assert len(profile) == 7 and [tuple(shape) for shape in profile["attention_mask"]] == [(4, 17), (4, 17), (4, 33)], profile
    assert [tuple(shape) for shape in profile["past_key_values.1.value"]] == [(4, 2, 16, 4), (4, 2, 16, 4), (4, 2, 32, 4)], profile


def read_triton(program, folder, scratch):
    from google.protobuf import text_format
    from tritonclient.grpc import model_config_pb2

    for name in ("decoder.triton.pbtxt", "image.triton.pbtxt"):
        read = text_format.Parse(emit(program, folder, name), model_config_pb2.ModelConfig())
        assert read.platform == "onnxruntime_onnx" and all(tensor.dims for tensor in [*read.input, *read.output]), read
        if name.startswith("decoder"):
            assert read.max_batch_size == 8 and len(read.input) == 7 and list(read.input[3].dims) == [2, -1, 4], read
        else:
            assert read.input[1].HasField("reshape") and list(read.output[0].dims) == [-1, 4, 4], read


def read_genai(program, folder, scratch):
    import onnxruntime_genai as genai

    onnx_file(folder, scratch / "model.onnx")
    (scratch / "genai_config.json").write_text(emit(program, folder, "llama.genai.json"), encoding="utf-8")
    model = genai.Model(str(scratch))
    assert model.type == "llama", model.type
    parameters = genai.GeneratorParams(model)
    parameters.set_search_options(max_length=8, do_sample=False)
    generator = genai.Generator(model, parameters)
    generator.append_tokens([[4, 5, 6]])
    generator.generate_next_token()
    generator.generate_next_token()
    assert len(generator.get_sequence(0)) == 5, generator.get_sequence(0)


def read_torch(program, folder, scratch):
    import torch
    from torch.export import export

    class decoder(torch.nn.Module):
        def forward(self, input_ids, attention_mask, position_ids, past_key_values):
            new = (input_ids + position_ids)[:, None, :, None].float().expand(-1, 2, -1, 4)
            present = [torch.cat([part, new], 2) for layer in past_key_values for part in layer]
            return [part * attention_mask[:, None, :, None] for part in present]

    def shapes_of(name):
        scope = {}
        exec(compile(emit(program, folder, name), name, "exec"), scope)
        return scope["dynamic_shapes"]

    def ids(*shape):
        return torch.ones(shape, dtype=torch.int64)

    cache = [(torch.ones(2, 2, 5, 4), torch.ones(2, 2, 5, 4)) for _ in range(2)]
    made = export(decoder(), (ids(2, 3), ids(2, 8), ids(2, 3), cache), dynamic_shapes=shapes_of("decoder.dynamic-shapes.py"))
    other = [(torch.ones(8, 2, 32, 4), torch.ones(8, 2, 32, 4)) for _ in range(2)]
    assert made.module()(ids(8, 16), ids(8, 48), ids(8, 16), other)[0].shape == (8, 2, 48, 4)

    class image(torch.nn.Module):
        def forward(self, pixels, scale, labels):
            return pixels[:, :, :, :-1].reshape(pixels.shape[0], 3, -1, 16).sum(2) * scale, labels.logical_not()

    made = export(image(), (torch.ones(2, 3, 16, 33), torch.ones(()), torch.ones(7, 2) > 0), dynamic_shapes=shapes_of("image.dynamic-shapes.py"))
    assert made.module()(torch.ones(3, 3, 24, 49), torch.ones(()), torch.ones(9, 2) > 0)[1].shape == (9, 2)


def read_torch_onnx(program, folder, scratch):
    import onnx
    import torch

    class image(torch.nn.Module):
        def forward(self, pixels, scale, labels):
            boxes = pixels[:, :1, ::8, :4].double()[:, 0] * scale
            return boxes + 0 * labels.double().sum()

    scope = ast.literal_eval(emit(program, folder, "image.dynamic-axes.py").split("=", 1)[1].strip())
    names = {"input_names": ["pixels", "scale", "labels"], "output_names": ["boxes"]}
    inputs = (torch.ones(1, 3, 16, 33), torch.ones((), dtype=torch.float16), torch.ones(7, 2) > 0)
    torch.onnx.export(image().eval(), inputs, str(scratch / "image.onnx"), **names, dynamic_axes=scope, dynamo=False)
    graph = onnx.load(scratch / "image.onnx").graph
    dims = [dim.dim_param or dim.dim_value for dim in graph.input[0].type.tensor_type.shape.dim]
    assert dims == [1, 3, "height", "height * 2 + 1"], dims
    assert graph.output[0].type.tensor_type.shape.dim[1].dim_param == "height // 8", graph.output


# Name: what reads, and the Python packages that it needs. torch.export.Dim.DYNAMIC is of PyTorch 2.6.
READERS = {
    "onnxruntime": (read_onnxruntime, ["onnx", "onnxruntime"]),
    "openvino": (read_openvino, ["onnx", "openvino"]),
    "polygraphy": (read_polygraphy, ["polygraphy"]),
    "triton": (read_triton, ["tritonclient"]),
    "genai": (read_genai, ["onnx", "onnxruntime_genai"]),
    "torch": (read_torch, ["torch>=2.6"]),
    "torch.onnx": (read_torch_onnx, ["onnx", "torch>=2.5"]),
}


def main():
    if sys.argv[1] == "--reader":
        with tempfile.TemporaryDirectory() as scratch:
            READERS[sys.argv[2]][0](sys.argv[3], pathlib.Path(sys.argv[4]), pathlib.Path(scratch))
        return 0
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])

    for name in GOLDEN:
        written, wanted = emit(program, folder, name), (folder / name).read_text(encoding="utf-8")
        check(name, written == wanted, f"is\n{written}instead of\n{wanted}")
    with tempfile.TemporaryDirectory() as scratch:
        output = pathlib.Path(scratch, "shapes.txt")
        emit(program, folder, "image.openvino.txt", "-o", str(output))
        check("-o", output.read_text() == (folder / "image.openvino.txt").read_text(), output.read_text())
        for contract, form, more, words in REFUSED:
            path = folder / f"{contract}.json"
            if contract.startswith("{"):
                path = pathlib.Path(scratch, "contract.json")
                path.write_text(contract, encoding="utf-8")
            code, out, err = run(program, "emit", form, "--contract", str(path), *more)
            told = code == 2 and not out and all(word in err for word in words)
            check(f"emit {form} {contract} {more}", told, f"exit code {code}, {out}{err}")

    def by(name):
        def body(_):
            done = subprocess.run([sys.executable, __file__, "--reader", name, program, str(folder)], capture_output=True, text=True, timeout=300, check=False)
            if done.returncode:
                raise Failure(f"exit code {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")

        return body

    for name, (_, packages) in READERS.items():
        case(f"read by {name}", by(name), packages=packages)
    return finish()


sys.exit(main())
