"""`constexport show` against every row of Optimum's table, and against its rows under other parameters and shapes.

Usage: golden.py PROGRAM GOLDEN_FOLDER [ROW_ID_PART...]

Each row of the defaults is asked for twice: with the model's default config.json, and with none, which must answer the
same. The others bring their own config.json.
"""

import concurrent.futures
import json
import pathlib
import sys
import tempfile

from command import Expression, equal, run


def arguments_of(row):
    task = row["task"]
    arguments = ["show", row["model_type"], "--task", task, "--library", row["library"], "--format", "json"]
    for option in ("behavior", "part", "variant"):
        if row.get(option):
            arguments += ["--" + option, row[option]]
    if not row["use_past_in_inputs"]:
        arguments.append("--no-past-in-inputs")
    for name, size in (row.get("shapes") or {}).items():
        arguments += ["--axis", f"{name}={size}"]
    return arguments


def expected_dummies(row):
    """Optimum's dummies with flat names, placeholders without a tensor left out."""
    past = [name for name, _ in row["inputs"] if name.startswith("past_key_values")]
    result = []
    for name, dtype, shape in row["dummy_inputs"]:
        if dtype == "NoneType":
            continue
        if name.startswith("past_key_values"):
            name = past.pop(0) if past else name
        elif name.endswith("[0]"):
            name = name[:-3]
        result.append({"name": name, "dtype": dtype, "shape": shape})
    return result


def compare_tensors(kind, expected, answered, complain):
    names = [name for name, _ in expected]
    if names != [tensor["name"] for tensor in answered]:
        complain(f"{kind}: {[tensor['name'] for tensor in answered][:8]} instead of {names[:8]}")
        return
    for (name, axes), tensor in zip(expected, answered):
        where = f"{kind} {name}"
        if set(axes) != set(tensor["dynamic_axes"]):
            complain(f"{where}: axes {tensor['dynamic_axes']} instead of {axes}")
            continue
        for index, text in axes.items():
            if not equal(text, tensor["dynamic_axes"][index]):
                complain(f"{where}[{index}]: {tensor['dynamic_axes'][index]!r} instead of {text!r}")
        for index, dim in enumerate(tensor["dims"]):
            if isinstance(dim, str):  # also where Optimum does not say that it varies
                Expression(dim)
            elif dim is not None and dim < 0:
                complain(f"{where}[{index}]: {dim}")


def compare(row, answer, complain):
    for column in ("class", "library", "model_type", "task", "opset", "atol_for_validation", "variant",
                   "use_past", "use_past_in_inputs"):
        if column in row and answer[column] != row[column]:
            complain(f"{column}: {answer[column]!r} instead of {row[column]!r}")
    for column in ("behavior", "part"):
        if answer[column] != row.get(column):
            complain(f"{column}: {answer[column]!r} instead of {row.get(column)!r}")
    compare_tensors("inputs", row["inputs"], answer["inputs"], complain)
    if "error" in row:  # Optimum's own failure
        if not answer["outputs"] or not answer["dummy_inputs"]:
            complain("an answer without outputs or dummies")
        return
    compare_tensors("outputs", row["outputs"], answer["outputs"], complain)
    dummies = expected_dummies(row)
    if dummies != answer["dummy_inputs"]:
        for wanted, given in zip(dummies, answer["dummy_inputs"]):
            if "[" in wanted["name"]:  # Optimum makes a dummy for what is no input
                wanted["name"] = given["name"]
            if wanted != given:
                complain(f"dummy {given} instead of {wanted}")
                break
        else:
            if len(answer["dummy_inputs"]) != len(dummies):
                complain(f"{len(answer['dummy_inputs'])} dummies instead of {len(dummies)}")


def check_row(program, folder, row):
    """The problems of one row."""
    problems = []
    complain = lambda text: problems.append(f"{row['id']}: {text}")
    arguments = arguments_of(row)
    config = folder / "configs" / f"{row['library']}__{row['model_type']}.json"
    with tempfile.TemporaryDirectory() as own:
        for option, column in (("--config", "config"), ("--preprocessor", "preprocessor")):
            path = pathlib.Path(own, column + ".json")
            if row.get(column) is not None:
                path.write_text(json.dumps(row[column]), encoding="utf-8")
                arguments += [option, str(path)]
        code, out, err = run(program, *arguments, *([] if "config" in row else ["--config", str(config)]))
    if code != 0:
        complain(f"exit code {code}: {err.strip()}")
        return problems
    compare(row, json.loads(out), complain)
    if "config" not in row and run(program, *arguments)[1] != out:
        complain("the answer without the default config.json differs")
    return problems


def main():
    program, folder, parts = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3:]
    code, out, err = run(program, "list", "--format", "json")
    assert code == 0, err
    known = {(model["library"], model["model_type"]): set(model["tasks"]) for model in json.loads(out)}
    rows = []
    for path in [folder / "optimum.jsonl", *sorted(folder.glob("varied_*.jsonl"))]:
        with open(path, encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                row = json.loads(line)
                if "config" in row:
                    row["id"] = f"{path.name}, line {number}, {row['id']}"
                rows.append(row)
    rows = [row for row in rows if not parts or any(part in row["id"] for part in parts)]
    problems = []
    for model in sorted({(row["library"], row["model_type"]) for row in rows} - set(known)):
        problems.append(f"{'/'.join(model)}: not in the catalogue")
    rows = [row for row in rows if (row["library"], row["model_type"]) in known]
    for row in rows:
        if row["task"] not in known[row["library"], row["model_type"]]:
            problems.append(f"{row['id']}: `list` does not have the task")
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda row: check_row(program, folder, row), rows):
            problems += found
    bad = {problem.split(":")[0] for problem in problems}
    for problem in problems[:100]:
        print(problem)
    print(f"{len(rows) - len(bad & {row['id'] for row in rows})} of {len(rows)} rows as Optimum's")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
