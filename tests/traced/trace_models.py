"""Traces a tiny random model of every model type of the catalogue with torch.jit.trace.

    trace_models.py COMMAND OUT [MODEL_TYPE ...]

COMMAND is the built command `constexport`, OUT a folder. Each traced module takes the contract's inputs in the
contract's order and returns the contract's outputs in theirs, because it is wrapped by what `COMMAND show` answers.
OUT gets NAME.pt and NAME.json (its config.json) for each, and manifest.json: a list of

    {"name", "library", "model_type", "task", "behavior", "part", "variant", "past_in_inputs", "arguments"}

in which `arguments` are those of the command that select the contract; where a model cannot be had, "reason" says why,
and there are no files.

Needs torch, transformers and optimum-onnx, whose patches make models traceable (causal masks without vmap); diffusers,
timm and sentence-transformers for the model types of these.
"""

import contextlib
import inspect
import itertools
import json
import multiprocessing
import pathlib
import random
import subprocess
import sys
import traceback
import types
import warnings

import torch
import torch.utils._pytree as pytree

# The index has torchvision only for CUDA; next to a CPU build of PyTorch its library is not loaded, and its import fails
# for want of these operators, which no traced model calls.
torchvision_operators = torch.library.Library("torchvision", "FRAGMENT")
for each in ("nms", "qnms"):
    torchvision_operators.define(f"{each}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")

import transformers  # noqa: E402
import optimum.exporters.onnx.model_configs  # noqa: E402, F401  (registers the models)
from optimum.exporters.onnx import model_patcher
from optimum.exporters.onnx.base import OnnxConfigWithPast, OnnxSeq2SeqConfigWithPast
from optimum.exporters.tasks import TasksManager

import special  # noqa: E402

PAST = "-with-past"
SECONDS = 240
# The tasks that say most about a model come first.
PREFERRED = [
    "text2text-generation-with-past",
    "text-generation-with-past",
    "automatic-speech-recognition-with-past",
    "image-to-text-with-past",
    "feature-extraction-with-past",
    "automatic-speech-recognition",
    "object-detection",
    "semantic-segmentation",
    "zero-shot-image-classification",
    "zero-shot-object-detection",
    "image-classification",
    "audio-classification",
    "token-classification",
    "question-answering",
    "fill-mask",
    "feature-extraction",
]
# Replacements of Optimum's that exist because PyTorch's exporter lacks an operator: here the real one is traced.
NOT_PATCHED = {"tril", "triu", "rms_norm", "unfold", "norm", "bfloat16", "movedim", "repeat_interleave"}


class CannotTrace(Exception):
    """Why a model cannot be had, in a sentence."""


def flags_of(cls, task):
    """(behavior, use_past, use_past_in_inputs) of each file that is exported for a task."""
    if not issubclass(cls, OnnxConfigWithPast):
        return [(None, False, False)]
    past = task.endswith(PAST)
    if not issubclass(cls, OnnxSeq2SeqConfigWithPast):
        return [(None, past, past)]
    flags = [("encoder", False, False), ("decoder", past, False)]
    return [*flags, ("decoder", True, True)] if past else flags


def selection(model_type, library, task, behavior, past_in_inputs, part, variant):
    arguments = [model_type, "--task", task, "--library", library]
    if behavior:
        arguments += ["--behavior", behavior]
    if task.endswith(PAST) and behavior != "encoder" and not past_in_inputs:
        arguments.append("--no-past-in-inputs")
    if part:
        arguments += ["--part", part]
    if variant:
        arguments += ["--variant", variant]
    return arguments


def contract_of(command, arguments, files):
    made = subprocess.run([command, "show", *arguments, *files, "--format", "json"], capture_output=True, text=True)
    if made.returncode != 0:
        raise CannotTrace("the command has no contract: " + made.stderr.strip())
    return json.loads(made.stdout)


def shaken(model):
    """Random weights that no layer ignores: layer scales, norms and biases get values of their own."""
    generator = torch.Generator().manual_seed(7)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.is_floating_point():
                parameter.add_(torch.randn(parameter.shape, generator=generator) * 0.05)
        for name, buffer in model.named_buffers():
            if name.endswith("running_mean"):
                buffer.add_(torch.randn(buffer.shape, generator=generator) * 0.1)
            elif name.endswith("running_var"):
                buffer.mul_(1 + torch.rand(buffer.shape, generator=generator))
    return model.eval()


def leaf_names(dummies, onnx_config, contract):
    """The contract's name of each tensor in nested dummy inputs; None stands for arguments that are not given."""
    declared = [each["name"] for each in contract["inputs"]]
    names = []
    for name, value in dummies.items():
        leaves = [each for each in pytree.tree_leaves(value)]
        tensors = [each for each in leaves if isinstance(each, torch.Tensor)]
        if name not in declared:
            name = onnx_config.torch_to_onnx_input_map.get(name, name)
        if name in declared:
            of_this = iter([name])
        else:
            of_this = iter([each for each in declared if each.startswith(name + ".")])
        names += [next(of_this, None) if isinstance(each, torch.Tensor) else None for each in leaves]
        if None in names[len(names) - len(leaves):] and len(tensors) == len(leaves):
            raise CannotTrace(f"the contract has no input for every tensor of {name}")
    return names


def named_results(results, onnx_config, contract):
    """Results by the contract's names."""
    declared = [each["name"] for each in contract["outputs"]]
    output_map = onnx_config.torch_to_onnx_output_map
    if isinstance(results, torch.Tensor):
        return {declared[0]: results}
    if not isinstance(results, dict):
        return dict(zip(declared, (each for each in results if each is not None)))
    found = {}
    for name, value in results.items():
        name = output_map.get(name, name)
        if isinstance(value, torch.Tensor):
            found[name] = value
            continue
        tensors = [each for each in pytree.tree_leaves(value) if isinstance(each, torch.Tensor)]
        prefix = "present." if name == "past_key_values" else name + "."
        of_this = [each for each in declared if each.startswith(prefix)]
        if of_this and len(of_this) != len(tensors):
            raise CannotTrace(f"{name} is {len(tensors)} tensors, of which the contract declares {len(of_this)}")
        found.update(zip(of_this, tensors))
    return found


def wrapper(model, onnx_config, contract, dummies):
    """A module whose arguments and results are the contract's inputs and outputs."""
    names = leaf_names(dummies, onnx_config, contract)
    leaves, structure = pytree.tree_flatten(dummies)
    constants = [None if isinstance(each, torch.Tensor) else each for each in leaves]
    inputs = [each["name"] for each in contract["inputs"]]
    outputs = [each["name"] for each in contract["outputs"]]
    missing = [each for each in inputs if each not in names]
    if missing:
        raise CannotTrace(f"Optimum makes no dummy input for {', '.join(missing)}")

    def run(self, *tensors):
        given = dict(zip(inputs, tensors))
        filled = [given[name] if name else constant for name, constant in zip(names, constants)]
        results = named_results(self.model(**pytree.tree_unflatten(filled, structure)), onnx_config, contract)
        absent = [each for each in outputs if each not in results]
        if absent:
            raise CannotTrace(f"the model returns no {', '.join(absent)}, only {', '.join(results)}")
        return tuple(results[each] for each in outputs)

    # TorchScript keeps the names of arguments, so the exporter can match them to the contract's.
    arguments = ", ".join(each.replace(".", "_") for each in inputs)
    scope = {"run": run}
    exec(f"def forward(self, {arguments}):\n    return run(self, {arguments})", scope)
    made = type("Wrapped" + type(model).__name__, (torch.nn.Module,), {"forward": scope["forward"]})()
    made.model = model
    order = [names.index(each) for each in inputs]
    return made, tuple(leaves[each] for each in order), order


def agree(eager, traced, tensors):
    """Where the traced module answers otherwise than the model at other sizes, or nothing."""
    with torch.no_grad():
        try:
            expected = eager(*tensors)
        except Exception:
            return ""  # the model itself does not take these sizes
        try:
            got = traced(*tensors)
        except Exception as error:
            return "the traced module fails at other sizes: " + str(error).strip().splitlines()[-1][:160]
    got = got if isinstance(got, tuple) else (got,)
    for index, (a, b) in enumerate(zip(expected, got)):
        if a.shape != b.shape or not torch.allclose(a.float(), b.float(), atol=1e-4, rtol=1e-4, equal_nan=True):
            return f"the traced module's output {index} is another one at other sizes (constants in the trace)"
    return ""


def seeded():
    random.seed(1)
    torch.manual_seed(1)
    import numpy

    numpy.random.seed(1)


def export_config(model_type, library, task, config, behavior, past, past_in_inputs, variant, of_part):
    plain = task.removesuffix(PAST)
    constructor = TasksManager.get_exporter_config_constructor(
        "onnx", model_type=model_type, task=plain, library_name=library
    )
    cls = constructor.func
    arguments = dict(of_part)
    if issubclass(cls, OnnxConfigWithPast):
        arguments |= {"use_past": past, "use_past_in_inputs": past_in_inputs}
    if behavior is not None:
        arguments["behavior"] = behavior
    if "variant" in inspect.signature(cls.__init__).parameters and variant:
        arguments["variant"] = variant
    special.make_preprocessor_known(model_type)
    preprocessors = special.preprocessors(model_type)
    if preprocessors is not None:
        arguments["preprocessors"] = preprocessors
    model_part = arguments.pop("model_part", None) if behavior is not None else None
    made = constructor(config, task=plain, **arguments)
    if behavior is not None:
        made = made.with_behavior(behavior, use_past=past, use_past_in_inputs=past_in_inputs)
    if model_part is not None:  # Musicgen's decoder, whose outputs Optimum knows under this task
        made.model_part = model_part
        made.task = "feature-extraction"
    if variant:
        made.variant = variant
    return made


def trace_one(command, out, entry, plan):
    """Traces one module; returns the manifest's entry."""
    model_type, library, task = entry["model_type"], entry["library"], entry["task"]
    seeded()
    config, model = special.build(library, model_type, task)
    config_path = out / (entry["name"] + ".json")
    config_path.write_text(json.dumps(special.config_json(config), indent=1, default=str))
    files = ["--config", str(config_path)]
    preprocessor = special.preprocessor_json(model_type)
    if preprocessor is not None:
        path = out / (entry["name"] + ".preprocessor.json")
        path.write_text(json.dumps(preprocessor))
        files += ["--preprocessor", str(path)]
    arguments = selection(
        model_type, library, task, entry["behavior"], plan["past_in_inputs"], entry["part"], entry["variant"]
    )
    contract = contract_of(command, arguments, files)
    shaken(model)
    onnx_config = export_config(
        model_type, library, task, config, entry["behavior"], plan["past"], plan["past_in_inputs"], entry["variant"],
        special.arguments_of_part(model_type, entry["part"]),
    )  # fmt: skip
    part = special.submodule(model, model_type, entry["behavior"], entry["part"])
    if onnx_config.values_override:
        for name, value in onnx_config.values_override.items():
            setattr(part.config, name, value)
    keywords = special.keywords(model, model_type)
    accepted = inspect.signature(part.forward).parameters
    if "logits_to_keep" in accepted:
        keywords["logits_to_keep"] = 0
    if "use_cache" in accepted:
        keywords["use_cache"] = plan["past"]
    onnx_config.PATCHING_SPECS = [
        each for each in onnx_config.PATCHING_SPECS or [] if each.name not in NOT_PATCHED
    ]
    with torch.no_grad(), onnx_config.patch_model_for_export(part, model_kwargs=keywords):

        def tensors(shapes):
            seeded()
            made = onnx_config.generate_dummy_inputs(framework="pt", **(special.shapes(model_type) | shapes))
            return special.adjusted(model_type, onnx_config.rename_ambiguous_inputs(made))

        dummies = tensors({"batch_size": 2, "sequence_length": 6})
        module, inputs, order = wrapper(part, onnx_config, contract, dummies)
        traced = torch.jit.trace(module, inputs, check_trace=False, strict=False)
        note = ""
        image = special.shapes(model_type)
        for other in (
            {"batch_size": 3, "sequence_length": 9},
            {"batch_size": 2, "sequence_length": 6, "height": 2 * image["height"], "width": 3 * image["width"]},
        ):
            leaves = pytree.tree_leaves(tensors(other))
            note = note or agree(module, traced, tuple(leaves[each] for each in order))
    traced.save(str(out / (entry["name"] + ".pt")))
    made = entry | {"arguments": [*arguments, *files]}
    return made | {"note": note} if note else made


def plans(command, model_type):
    """What is traced of a model type."""
    listed = [each for each in catalogue(command) if each["model_type"] == model_type]
    for each in listed:
        task = next((task for task in PREFERRED if task in each["tasks"]), each["tasks"][0])
        task = special.TASKS.get(model_type, task)
        library = each["library"]
        constructor = TasksManager.get_exporter_config_constructor(
            "onnx", model_type=model_type, task=task.removesuffix(PAST), library_name=library
        )
        parts = special.parts(model_type)
        if parts is None:
            parts = [(None, None, *flags) for flags in flags_of(constructor.func, task)]
            if library == "transformers" and not special.is_encoder_decoder(model_type, task):
                parts = [each for each in parts if each[2] is None] or [(None, None, None, False, False)]
        for part, variant, behavior, past, past_in_inputs in parts:
            what = part.split("/")[0] if part else behavior
            if behavior is None and variant not in (None, part, "split", "with-past"):
                what = variant
            name = "-".join(filter(None, [library if library != "transformers" else "", model_type, what]))
            if behavior == "decoder" and past_in_inputs:
                name += PAST
            yield {
                "entry": {
                    "name": name,
                    "library": library,
                    "model_type": model_type,
                    "task": task,
                    "behavior": behavior,
                    "part": part,
                    "variant": variant,
                },
                "past": past,
                "past_in_inputs": past_in_inputs,
            }


def catalogue(command):
    return json.loads(subprocess.run([command, "list", "--format", "json"], capture_output=True, check=True).stdout)


def in_child(function, *arguments):
    """The result in a process of its own: patches stay in it, and so does a crash."""
    queue = multiprocessing.get_context("fork").SimpleQueue()

    def run():
        warnings.simplefilter("ignore")
        torch.set_num_threads(1)
        try:
            queue.put(("made", function(*arguments)))
        except CannotTrace as error:
            queue.put(("reason", str(error)))
        except BaseException as error:
            lines = [each.strip() for each in str(error).strip().splitlines() if each.strip()] or [""]
            where = traceback.extract_tb(error.__traceback__)[-1]
            text = f"{type(error).__name__}: {lines[0][:240]} ({pathlib.Path(where.filename).name}:{where.lineno})"
            queue.put(("reason", text))
            if "--trace" in sys.argv:  # where it failed
                traceback.print_exc()

    child = multiprocessing.get_context("fork").Process(target=run)
    child.start()
    child.join(SECONDS)
    if child.is_alive():
        child.kill()
        child.join()
        return "reason", f"took longer than {SECONDS} s"
    return queue.get() if not queue.empty() else ("reason", f"the process ended with {child.exitcode}")


def main(command, out, *wanted):
    wanted = [each for each in wanted if not each.startswith("--")]
    out = pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    transformers.utils.logging.set_verbosity_error()
    model_patcher.UNSUPPORTED_OPS_PATCHING_SPEC[:] = [
        each for each in model_patcher.UNSUPPORTED_OPS_PATCHING_SPEC if each.name not in NOT_PATCHED
    ]
    manifest_path = out / "manifest.json"
    known = json.loads(manifest_path.read_text()) if manifest_path.exists() and wanted else []
    model_types = sorted({each["model_type"] for each in catalogue(command)})
    for model_type in wanted or model_types:
        known = [each for each in known if each["model_type"] != model_type]
        for plan in plans(command, model_type):
            if model_type in special.REASONS:
                plan["entry"]["name"] = model_type
                known.append(plan["entry"] | {"reason": special.REASONS[model_type]})
                break
            kind, result = in_child(trace_one, command, out, plan["entry"], plan)
            made = result if kind == "made" else plan["entry"] | {"reason": result}
            known.append(made)
            print(made["name"], ":", made.get("reason") or made.get("note") or "traced", flush=True)
            manifest_path.write_text(json.dumps(sorted(known, key=lambda each: each["name"]), indent=1))
    traced = {each["model_type"] for each in known if "reason" not in each}
    print(f"{len(traced)} of {len(model_types)} model types traced, {sum('reason' not in each for each in known)} modules")


if __name__ == "__main__":
    main(*sys.argv[1:])
