"""What `constexport` says to wrong arguments and wrong files, and with which exit code.

Usage: misuse.py PROGRAM
"""

import json
import pathlib
import subprocess
import sys
import tempfile

from command import run

SHOW = ["show", "gpt2", "--task", "text-generation"]

# arguments, exit code, what the message must contain
CASES = [
    (["show", "gtp2", "--task", "text-generation"], 2, ['unknown model type "gtp2"', "gpt2"]),
    (["show", "", "--task", "text-generation"], 2, ["model_type is required"]),
    (["show", "gpt2", "--task", "txt-generation"], 2, ['no task "txt-generation"', "nearest first: text-generation,"]),
    (["show", "bert", "--task", "fill-mask-with-past"], 2, ['no task "fill-mask-with-past"', "fill-mask"]),
    (["show", "gpt2"], 2, ["--task is required"]),
    (["show", "--task", "text-generation"], 2, ["model_type is required"]),
    (["show"], 2, ["which contract?", "--task", "--contract"]),
    (["show", "--contract", "/nowhere.json"], 2, ["/nowhere.json", "No such file"]),
    (["show", "--contract", "/"], 2, ["directory"]),
    (["show", "gpt2", "--contract", "x.json"], 2, ["--contract"]),
    (["show", "--task", "text-generation", "--contract", "x.json"], 2, ["--contract"]),
    ([], 2, ["subcommand"]),
    (["shwo"], 2, ['unknown command "shwo"', "show"]),
    ([*SHOW, "--frob"], 2, ["--frob"]),
    ([*SHOW, "--format", "xml"], 2, ["xml", "table", "json"]),
    ([*SHOW, "--library", "transfomers"], 2, ['no library "transfomers"', "transformers"]),
    ([*SHOW, "--axis", "batch_size"], 2, ["NAME=SIZE"]),
    ([*SHOW, "--axis", "batch_size=two"], 2, ["NAME=SIZE"]),
    ([*SHOW, "--axis", "batch_size=99999999999999999999"], 2, ["NAME=SIZE"]),
    ([*SHOW, "--axis", "batch_size=-1"], 2, ["negative"]),
    ([*SHOW, "--axis", "batch_size=0"], 2, ["batch_size", "not one that the axis may have"]),
    ([*SHOW, "--axis", "batch=2"], 2, ['no axis "batch"', "batch_size"]),
    (["show", "t5", "--task", "text2text-generation", "--behavior", "encodr"], 2, ['no behavior "encodr"', "encoder"]),
    (["show", "bert", "--task", "fill-mask", "--behavior", "encoder"], 2, ["it has none"]),
    (["show", "bert", "--task", "fill-mask", "--part", "head"], 2, ['no part "head"', "it has none"]),
    (["show", "speecht5", "--task", "text-to-audio", "--part", "vocoder"], 2, ['no part "vocoder"', "postnet_and_vocoder"]),
    (["show", "speecht5", "--task", "text-to-audio", "--variant", "x"], 2, ['no variant "x"', "with-past"]),
    (["show", "musicgen", "--task", "text-to-audio", "--part", "decoder/7"], 2, ["00, 10 or 11"]),
    (["list", "--task", "text-generatio"], 2, ['unknown task "text-generatio"', "text-generation"]),
    (["list", "--library", "torch"], 2, ['unknown library "torch"']),
    (["completion", "fish"], 2, ["fish"]),
]

# content of config.json, what the message must contain beside the file's path
FILES = [
    ("{", ["is no JSON", "line 1"]),
    ("", ["is no JSON"]),
    ("[1]", ["no JSON object"]),
    ('{"n_layer": "twelve"}', ["n_layer", "integer", "twelve"]),
    ('{"n_layer": 1.5}', ["n_layer", "1.5"]),
    ('{"n_head": 0}', ["n_head", "0"]),
    ('{"n_embd": 99999999999999999999}', ["n_embd"]),
    ('{"n_embd": [1, 2]}', ["n_embd"]),
    ('{"n_embd": 770}', ["past_key_values", "remainder"]),
    ("[" * 100000, ["is no JSON"]),
    ('{"n_embd": "\\ud800"}', ["is no JSON"]),
]

INPUT = '{"outputs": [], "inputs": [{"name": "x", "dtype": "float32", "dims": %s}]%s}'

# content of a contract file, what the message must contain; the place after the file's path
CONTRACTS = [
    ("", [":1:1: an object is expected"]),
    ("{\n  \"inputs\": [],\n  \"ouputs\": []\n}", [":3:4: a contract has no member", "nearest: outputs", '\n    "ouputs": []\n     ^']),
    ('{"inputs": []}', ['has no "outputs"']),
    (INPUT % ('["batch size"]', ""), [":1:78: this is no expression"]),
    (INPUT % ('["n"]', ', "axes": {"m": {}}'), ["no tensor has this axis"]),
    (INPUT % ('["n"]', ', "axes": {"n": 4}'), ["an axis is an object"]),
    (INPUT % ('["n"]', ', "axes": {"n": {"min": 3, "max": 2}}'), ["no size lies in the range"]),
    (INPUT % ('["n"]', ', "axes": {"n": {"max": 3, "default": 4}}'), ["the default is no size"]),
    (INPUT % ("[2.5]", ""), ["a whole number is expected"]),
    (INPUT % ('["n + m"]', ""), ['"n": this axis occurs only inside expressions']),
    (INPUT % ('["n", "k"]', ', "parameters": {"k": {}}'), ['"k": this parameter has no "value"']),
    (INPUT.replace("float32", "flot32") % ("[]", ""), ["no such dtype", "nearest: float32"]),
    (INPUT.replace("float32", "int4") % ("[]", ""), ['"x": the operator set has no such dtype']),
    ('{"inputs": [], "outputs": [{"name": "y", "dims": ["n"]}]}', ["no input has this axis"]),
    ("[" * 100000, ["an object is expected"]),
    ('{"inputs": [' + "[" * 100000, ["nested too deeply", "\n"]),
    ("\0\1\2", ["an object is expected"]),
]


def main():
    program, problems = sys.argv[1], []

    def expect(arguments, code, words, where):
        given, out, err = run(program, *arguments)
        if given != code:
            problems.append(f"{where}: exit code {given} instead of {code}: {err.strip()[:200]}")
        for word in words:
            if word not in err:
                problems.append(f"{where}: {err.strip()[:200]!r} does not say {word!r}")
        if code != 0 and out:
            problems.append(f"{where}: something on the standard output")

    for arguments, code, words in CASES:
        expect(arguments, code, words, " ".join(arguments))

    with tempfile.TemporaryDirectory() as folder:
        past = ["show", "gpt2", "--task", "text-generation-with-past"]
        for index, (content, words) in enumerate(FILES):
            path = pathlib.Path(folder, f"config{index}.json")
            path.write_text(content, encoding="utf-8")
            expect([*past, "--config", str(path)], 1, [str(path), *words], content[:40])
        for index, (content, words) in enumerate(CONTRACTS):
            path = pathlib.Path(folder, f"contract{index}.json")
            path.write_text(content, encoding="utf-8")
            expect(["show", "--contract", str(path)], 2, [f"{path}:", *words], content[:60])
        missing = str(pathlib.Path(folder, "none.json"))
        expect([*SHOW, "--config", missing], 1, [missing, "No such file"], "missing file")
        expect([*SHOW, "--config", folder], 1, [folder, "directory"], "a folder as file")
        expect([*SHOW, "--preprocessor", missing], 1, [missing], "missing preprocessor")

        good = pathlib.Path(folder, "good.json")
        good.write_text(json.dumps({"n_layer": 3, "n_head": 4, "n_embd": 32, "vocab_size": 99, "unknown": {}}))
        code, out, err = run(program, *past, "--config", str(good), "--format", "json", "--axis", "sequence_length=5")
        answer = json.loads(out)
        shapes = {dummy["name"]: dummy["shape"] for dummy in answer["dummy_inputs"]}
        if (code, err) != (0, "") or answer["parameters"]["num_hidden_layers"] != 3:
            problems.append(f"good file: {code} {err}")
        if shapes["attention_mask"] != [2, 10] or shapes["past_key_values.2.value"] != [2, 4, 5, 8]:
            problems.append(f"good file: {shapes}")
        if answer["outputs"][0]["dims"] != ["batch_size", "sequence_length", 99]:
            problems.append(f"good file: {answer['outputs'][0]}")

    # What changes nothing is said, and is no error.
    code, out, err = run(program, *SHOW, "--axis", "height=3")
    if code != 0 or "height changes nothing" not in err:
        problems.append(f"an axis of other models: {code} {err}")

    for arguments in (["--help"], ["show", "--help"], ["list", "--help"], ["completion", "--help"], ["--version"]):
        code, out, err = run(program, *arguments)
        if code != 0 or not out or err:
            problems.append(f"{arguments}: {code} {err}")

    # A closed pipe or a full disk is no success.
    with open("/dev/full", "w") as full:
        done = subprocess.run([program, "list"], stdout=full, stderr=subprocess.PIPE, text=True)
    if done.returncode != 1 or "cannot be written" not in done.stderr:
        problems.append(f"full disk: {done.returncode} {done.stderr}")

    for problem in problems:
        print(problem)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
