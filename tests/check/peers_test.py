"""peers_test.py PROGRAM [COUNT [SEED]]: `constexport check` beside `onnx.checker` and ONNX Runtime, on models with one field changed.

The models are those that the `onnx` package has as test data, and some with functions and sub-graphs; each change is made through the package, so
that the file can be parsed. What both others accept may be no error of `check`; what both refuse for the file's structure must not be sound. What
only an operator's definition tells is left out: docs/limitations.md says that `check` does not know them. Without ONNX Runtime: exit code 77.
"""

import collections
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import onnx
from files import branch, function, shipped_models, sparse

try:
    import onnxruntime
except ImportError:
    print("skipped: no Python package onnxruntime")
    sys.exit(77)

LARGEST = 30_000  # bytes: small models are loaded in no time
# What the checker says of a file's structure; what it says of operators has other words. It alone asks for shapes, and for a function's domain.
STRUCTURAL = re.compile(
    r"Field '(?!shape'|domain').* is required|single static assignment|topologically sorted|not an output of any node|value field|data_type|should be stored"
    r"|type field and data field mismatch|appeared multiple times|ir_version|multiple local functions|Cycle detected|No Opset registered for"
)
# Types of values that only operators of one's own have, and operators that this runtime lacks.
OTHERS = re.compile(r"opaque|NOT_IMPLEMENTED")


def accepted_by_checker(data):
    try:
        onnx.checker.check_model(data)
    except Exception as error:  # noqa: BLE001: whatever it refuses with
        return str(error) or "refused"
    return None


def accepted_by_runtime(data):
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    options.intra_op_num_threads = 1
    try:
        onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except Exception as error:  # noqa: BLE001
        return str(error) or "refused"
    return None


def messages_in(message, path=""):
    yield path, message
    for field, value in message.ListFields():
        if field.type == field.TYPE_MESSAGE:
            for each in value if field.label == field.LABEL_REPEATED else [value]:
                yield from messages_in(each, f"{path}.{field.name}")


def other_value(field, before, names, source):
    if field.type in (field.TYPE_STRING, field.TYPE_BYTES):
        text = source.choice(["", "other", *names])
        return text.encode() if field.type == field.TYPE_BYTES else text
    if field.type == field.TYPE_ENUM:
        return source.choice(field.enum_type.values).number
    if field.type in (field.TYPE_FLOAT, field.TYPE_DOUBLE):
        return 1.5
    return source.choice([0, 1, 2, 7, -1, 99, (before or 0) + 1, (before or 0) - 1])


def change_list(message, field, names, source):
    values = getattr(message, field.name)
    is_message = field.type == field.TYPE_MESSAGE
    index = source.randrange(len(values)) if values else 0
    ways = ["add", *(["remove", "double", "set"] if values else []), *(["reverse"] if len(values) > 1 else [])]
    way = source.choice(ways)
    if way == "add":
        values.add() if is_message else values.append(other_value(field, None, names, source))
    elif way == "remove":
        del values[index]
    elif way == "double":
        values.append(values[index])
    elif way == "set" and is_message:
        values[index].Clear()
    elif way == "set":
        values[index] = other_value(field, values[index], names, source)
    else:
        copies = [type(each).FromString(each.SerializeToString()) if is_message else each for each in values]
        del values[:]
        values.extend(reversed(copies))
    return way


def change_one(message, field, names, source):
    if field.type == field.TYPE_MESSAGE:
        way = source.choice(["clear", "empty"]) if message.HasField(field.name) else "empty"
        message.ClearField(field.name)
        if way == "empty":
            getattr(message, field.name).SetInParent()
        return way
    if message.HasField(field.name) and source.random() < 0.4:
        message.ClearField(field.name)
        return "clear"
    setattr(message, field.name, other_value(field, getattr(message, field.name), names, source))
    return "set"


def mutate(model, source):
    """Changes one field, and says which. Kinds of messages are chosen before messages, so that the rare ones come up."""
    kinds = collections.defaultdict(list)
    names = set()
    for path, message in messages_in(model):
        kinds[path].append(message)
        if isinstance(message, onnx.NodeProto):
            names.update([*message.input, *message.output])
    while True:
        path = source.choice(sorted(kinds))
        message = source.choice(kinds[path])
        fields = [each for each in message.DESCRIPTOR.fields if not each.name.startswith(("training", "doc_", "quantization"))]
        field = source.choice(fields)
        change = change_list if field.label == field.LABEL_REPEATED else change_one
        try:
            return f"{path}.{field.name} {change(message, field, sorted(names), source)}"
        except (ValueError, TypeError):  # a number beyond the field's type
            continue


def main():
    program = str(pathlib.Path(sys.argv[1]).resolve())
    count, seed = int(sys.argv[2]) if len(sys.argv) > 2 else 600, sys.argv[3] if len(sys.argv) > 3 else "1"
    onnxruntime.set_default_logger_severity(4)
    own = [("function", function()), ("two functions", function(nodes=[("Neg", "x", "b"), ("Neg", "b", "y")])), ("sparse", sparse("table"))]
    own += [("branch", branch([("Neg", "past", "inner")], "inner"))]
    shipped = [(name, data) for name, data in shipped_models() if len(data) < LARGEST]
    problems, outcomes = [], collections.Counter()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "model.onnx"
        for index in range(count):
            source = random.Random(f"{seed}.{index}")
            name, data = source.choice(shipped) if index % 4 else (own[index // 4 % len(own)][0], own[index // 4 % len(own)][1].SerializeToString())
            model = onnx.load_from_string(data)
            what = mutate(model, source)
            data = model.SerializeToString()
            path.write_bytes(data)
            done = subprocess.run([program, "check", str(path), "--format", "json"], capture_output=True, text=True, timeout=60, check=False)
            found = json.loads(done.stdout)["findings"] if done.stdout else [{"level": "error", "id": done.stderr}]
            errors = [each["id"] for each in found if each["level"] == "error"]
            checker, runtime = accepted_by_checker(data), accepted_by_runtime(data)
            outcomes[not checker and not runtime, not errors] += 1
            where = f"{index}: {name}, {what}"
            if not checker and not runtime and errors:
                problems.append(f"{where}: both accept what check calls {errors}")
            is_silent = all(each["level"] == "note" for each in found)
            if checker and runtime and is_silent and STRUCTURAL.search(checker) and not OTHERS.search(checker + runtime + what):
                problems.append(f"{where}: both refuse what check calls sound: {checker[:150]} | {runtime[:200]}")
    for problem in problems:
        print(problem)
    for (is_accepted, is_sound), number in sorted(outcomes.items()):
        print(f"{number} files that {'both others accept' if is_accepted else 'another refuses'}, {'without' if is_sound else 'with'} an error of check")
    print(f"{count - len(problems)} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
