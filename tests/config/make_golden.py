"""Golden rows under other parameters and dummy shapes: asks Optimum, and writes what it answers.

    make_golden.py CASES.json OUT.jsonl

Needs optimum-onnx with transformers and torch; the tests read only what it has written. CASES.json is a list of
objects: `library`, `model_type`, `config` (the content of a config.json, in which fields may be missing), `shapes`
(Optimum's dummy shapes), and `config_type` where transformers knows the configuration under another model type, or only
by its class (null: by none, because it is no model of transformers, or its code comes with it). A case's
`preprocessor` (the content of a preprocessor_config.json) is what Optimum finds beside the model.
Every task of the model makes a row, with every legal behavior, variant and pair of past flags. A row has the columns
of the golden table and the case's `config`, `shapes` and `preprocessor`.
"""

import copy
import inspect
import json
import sys
import types

import optimum.exporters.onnx.model_configs  # noqa: F401  (registers the models)
import optimum.utils.save_utils
import transformers
from optimum.exporters.onnx.base import OnnxConfigWithPast, OnnxSeq2SeqConfigWithPast
from optimum.exporters.tasks import TasksManager

PAST = "-with-past"
# Models whose parts an argument of their own tells apart: its name, and its value for each part.
PARTS = {
    "sam": ("vision_encoder", {"vision_encoder": True, "prompt_encoder_mask_decoder": False}),
    "metaclip_2": ("vision_model", {"vision_model": True, "text_model": False}),
}


def make_config(case):
    """The configuration object that transformers makes of the case's config.json."""
    model_type = case.get("config_type", case["model_type"])
    fields = copy.deepcopy(case["config"])  # some configurations take theirs apart
    fields.pop("model_type", None)
    if model_type is None:
        return transformers.PretrainedConfig(**fields)
    if hasattr(transformers, model_type):
        return getattr(transformers, model_type)(**fields)
    return transformers.AutoConfig.for_model(model_type, **fields)


def flat(name, value):
    """(name, dtype, shape) of each tensor in nested tuples and dictionaries."""
    if value is None:
        yield [name, "NoneType", None]
    elif isinstance(value, (list, tuple)):
        for index, each in enumerate(value):
            yield from flat(f"{name}[{index}]", each)
    elif isinstance(value, dict):
        for key, each in value.items():
            yield from flat(f"{name}[{key}]", each)
    else:
        yield [name, str(value.dtype).removeprefix("torch."), list(value.shape)]


def axes(tensors):
    return [[name, {str(index): axis for index, axis in dims.items()}] for name, dims in tensors.items()]


def combinations(constructor_class, task):
    """Behavior and past flags of the rows of one task."""
    if not issubclass(constructor_class, OnnxConfigWithPast):
        return [(None, False, False)]
    flags = [(True, False), (True, True)] if task.endswith(PAST) else [(False, False)]
    if not issubclass(constructor_class, OnnxSeq2SeqConfigWithPast):
        return [(None, *pair) for pair in flags]
    rows = [("monolith", *pair) for pair in flags]
    rows.append(("encoder", False, False))
    return rows + [("decoder", *pair) for pair in flags]


def as_object(fields):
    """A preprocessor: its fields as attributes, sizes as dictionaries, as transformers has them."""
    made = types.SimpleNamespace(**fields)
    if isinstance(fields.get("image_processor"), dict):
        made.image_processor = types.SimpleNamespace(**fields["image_processor"])
    return made


def parts_of(model_type, variant):
    """(part, arguments of the constructor) of each file of a variant."""
    if model_type not in PARTS:
        return [(None, {})]
    if variant == "monolith":
        return [("monolith", {})]
    argument, values = PARTS[model_type]
    return [(part, {argument: value}) for part, value in values.items()]


def rows_of(case):
    library, model_type = case["library"], case["model_type"]
    preprocessors = [None, as_object(case["preprocessor"])] if "preprocessor" in case else None
    optimum.utils.save_utils.maybe_load_preprocessors = lambda *_, **__: preprocessors
    tasks = TasksManager.get_supported_tasks_for_model_type(model_type, exporter="onnx", library_name=library)
    for task in tasks:
        constructor = TasksManager.get_exporter_config_constructor(
            "onnx", model_type=model_type, task=task.removesuffix(PAST), library_name=library
        )
        cls = constructor.func
        for behavior, past, past_in_inputs in combinations(cls, task):
            arguments = {"task": task.removesuffix(PAST)}
            if issubclass(cls, OnnxConfigWithPast):
                arguments |= {"use_past": past, "use_past_in_inputs": past_in_inputs}
            if behavior is not None:
                arguments["behavior"] = behavior
            if preprocessors is not None:
                arguments["preprocessors"] = preprocessors
            for variant, part, of_part in [(v, *each) for v in cls.VARIANTS for each in parts_of(model_type, v)]:
                if "variant" in inspect.signature(cls.__init__).parameters:
                    arguments["variant"] = variant
                onnx_config = constructor(make_config(case), **arguments, **of_part)
                if behavior is not None:  # what a constructor leaves to this
                    onnx_config = onnx_config.with_behavior(behavior, use_past=past, use_past_in_inputs=past_in_inputs)
                onnx_config.variant = variant
                # Before the dummies: making them changes what Perceiver says its inputs are.
                inputs, outputs = axes(onnx_config.inputs), axes(onnx_config.outputs)
                dummies = onnx_config.generate_dummy_inputs(framework="pt", **case["shapes"])
                row = {
                    "id": "/".join([library, model_type, task] + ([behavior] if behavior else []))
                    + f"/{past:d}{past_in_inputs:d}",
                    "library": library,
                    "model_type": model_type,
                    "task": task,
                    "behavior": behavior,
                    "use_past": past,
                    "use_past_in_inputs": past_in_inputs,
                    "class": cls.__name__,
                    "variant": variant,
                    "inputs": inputs,
                    "outputs": outputs,
                    "dummy_inputs": [each for name, value in dummies.items() for each in flat(name, value)],
                    "atol_for_validation": onnx_config.ATOL_FOR_VALIDATION,
                    "opset": onnx_config.DEFAULT_ONNX_OPSET,
                    "variants": list(cls.VARIANTS),
                    "config": case["config"],
                    "shapes": case["shapes"],
                }
                if part is not None:
                    row["part"] = part
                if preprocessors is not None:
                    row["preprocessor"] = case["preprocessor"]
                if onnx_config.values_override:
                    row["values_override"] = onnx_config.values_override
                for column in ("torch_to_onnx_input_map", "torch_to_onnx_output_map"):
                    if getattr(onnx_config, column):
                        row[column] = getattr(onnx_config, column)
                yield row


def main(cases_path, out_path):
    with open(cases_path) as file:
        cases = json.load(file)
    lines = []
    for case in cases:
        for row in rows_of(case):
            lines.append(json.dumps(row, separators=(",", ":")) + "\n")
    with open(out_path, "w") as file:
        file.writelines(lines)
    print(f"{len(lines)} rows of {len(cases)} cases")


if __name__ == "__main__":
    main(*sys.argv[1:])
