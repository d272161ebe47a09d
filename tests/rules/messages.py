"""messages.py ROOT: every message that a user can meet has a row in docs/errors.md, and every row is of a message.

Messages are read from the code: C++ statements that throw, assert or print to standard error, and all others with a
literal that has words like a sentence; what scripts, CMake and Meson say when they stop. A row holds a message's
beginning, with ... for what varies and <br> between several. The reasons why a lowering declines a call stand in
docs/operators.md. The last line counts.
"""

import re
import sys
from pathlib import Path

HOLE = "…"
CATALOGUE, OPERATORS = "docs/errors.md", "docs/operators.md"
# Sentences that are no messages: what is written into files and reports. Patterns of their beginning.
NO_MESSAGES = {
    "include/constexport/adapters/onnxruntime.hpp": ["Schema error", f"model{HOLE}+$"],  # noise that is dropped; what others end
    "include/constexport/check/compare.hpp": ["ones, then zeros", "no input has"],  # what was, and what is
    "include/constexport/check/mismatch.hpp": ["any number of dimensions"],
    "include/constexport/emit/c_header.hpp": [r"/\*"],
    "include/constexport/emit/file_header.hpp": ["//", r"static constexpr", r"\{…element"],
    "include/constexport/emit/taken_names.hpp": [""],
    "include/constexport/emit/python_shapes.hpp": ["from torch"],
    "include/constexport/export/export.hpp": ["non-functional tensor…data is"],  # looked for in LibTorch's words
    "include/constexport/export/known_sizes.hpp": ["an integer tensor"],
    "include/constexport/export/recorded_facts.hpp": [r"\.\.\.\] of shape|\] of shape"],
    "include/constexport/export/reconcile.hpp": ["an element of torch", "aten::equal is", "call… ?of the module"],
    "include/constexport/export/lower/recurrent_weights.hpp": ["gates in"],
    "tools/constexport/axes.hpp": [f"--axis:{HOLE}+$"],
    "tools/constexport/check_command.hpp": ["is sound"],
    "tools/constexport/contract_table.hpp": ["in inputs and outputs"],
    "tools/constexport/diff_command.hpp": ["breaking change", "…?compatible one"],
    "tools/constexport/listing.hpp": ["library…model type"],
    "tools/constexport_export/main.cpp": ["recording", "comparing"],
    "tools/constexport_export/report.hpp": [""],
    "tools/constexport_export/summary.hpp": ["weights beside it", "recorded at", "at…fixed sizes", "equal, largest"],
    "tools/onnx_check.cpp": ["OK: IR"],
}

LEADING = " ():;,."  # of a piece that goes on after a hole
TOKEN = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)|R"(?P<mark>\w*)\(.*?\)(?P=mark)"|(?P<text>"(?:[^"\\\n]|\\.)*")"""
    r"""|'(?:[^'\\\n]|\\.)+'|^[ \t]*\#[^\n]*|\w+|[^\w\s]""",
    re.S | re.M,
)
SPEAKS = {"throw", "static_assert", "stderr", "cerr", "perror", "say", "fail", "failure", "decline"}
HELP = {"add_option", "add_flag", "add_subcommand", "footer", "App"}
PAIR = re.compile(r"(?<![\w<])[A-Za-z']{2,},? [a-z']{2,}(?!\w)")
WORD = re.compile(r"(?<![\w<-])[a-z']{2,}(?![\w>=])")


def statements(text):
    """The tokens of each statement of C++: the token, its line, and whether it is a literal."""
    found, braces, previous, line, at = [], [], "", 1, 0
    for match in TOKEN.finditer(text):
        line += text.count("\n", at, match.start())
        at = match.start()
        token = match[0]
        if match["comment"] or token.lstrip().startswith("#"):
            continue
        is_end = token == ";"
        if token == "{":  # of a block, or of a value?
            braces.append(previous in (")", "}", "else", "do", "try", "const", "noexcept", "override", "mutable"))
            is_end = braces[-1]
        elif token == "}" and braces:
            is_end = braces.pop()
        previous = token
        if not is_end:
            found.append((token, line, bool(match["text"])))
        elif found:
            yield found
            found = []


def cpp_messages(text):
    """Line and text of each message; what stands between its literals is a hole."""
    for statement in statements(text):
        words, literals, result, first = set(), [], "", 0
        for token, line, is_literal in statement:
            if is_literal:
                literals.append(re.sub(r"\\(.)", lambda escape: " " if escape[1] in "nt" else escape[1], token[1:-1]))
                result += literals[-1]
                first = first or line
            elif token != "+":
                words.add(token)
                result += "" if result.endswith(HOLE) else HOLE
        if words & HELP or not any(re.search("[a-z]{2}", each.removeprefix("constexport: ")) and " " in each for each in literals):
            continue
        is_sentence = any(PAIR.search(each) for each in literals) and len(WORD.findall(" ".join(literals))) > 2
        if is_sentence or words & SPEAKS or any(each.startswith("constexport: ") for each in literals):
            yield first, re.sub(r"%\.?[0-9]*[a-z]+", HOLE, result)


def stops(text, pattern, hole):
    for match in re.finditer(pattern, text):
        yield text.count("\n", 0, match.start()) + 1, re.sub(hole, HOLE, next(filter(None, match.groups())))


def messages_of(path, text):
    if path.suffix in (".hpp", ".cpp"):
        return cpp_messages(text)
    if path.suffix == ".cmake":
        return stops(text, r'(?:message\((?:FATAL_ERROR|SEND_ERROR|WARNING)|_NOT_FOUND_MESSAGE) "([^"]*)"', r"\$\{\w+\}")
    if path.name == "meson.build":
        return stops(text, r"""\b(?:error|warning)\(\s*f?'([^']*)'|\becho "([^"]*)" >&2""", r"@\w+@")
    if text.startswith("#!/usr/bin/env python3") or path.suffix == ".py":
        return stops(text, r'(?:sys\.exit|\.error)\(f?"([^"]*)"', r"\{[^}]*\}")
    return stops(text, r'(?:\bdie "((?:[^"\\]|\\.)*)"|\becho "([^"]*)" >&2)', r"\$\{[^}]*\}|\$\w+")


def plain(text):
    """Without what is written differently in code and in a table."""
    return re.sub(r"\s+", " ", text.replace('\\"', '"').replace('"', "").replace("`", "")).strip()


def pieces_of(message):
    pieces = (plain(piece).removeprefix("constexport:") for piece in message.split(HOLE))
    return [piece.lstrip(LEADING) for piece in pieces]


def is_row_of(row, pieces):
    """Do the row's fragments follow each other in the message, the first at the beginning of a literal? A word as short
    as "is" must be a whole literal: it is everywhere."""

    def pattern(fragment):
        whole = f"{re.escape(fragment)} ?(?={HOLE}|$)" if len(fragment) < 5 else re.escape(fragment)
        return f"(?<![^{HOLE}]){whole}" if len(fragment) < 5 or fragment is row[0] else whole

    return re.search(".*?".join(map(pattern, row)), HOLE.join(pieces)) is not None


def rows_of(document):
    """Line and fragments of each message in the tables whose first column holds messages."""
    is_table = False
    for number, line in enumerate(document.splitlines(), 1):
        if not line.startswith("|"):
            is_table = False
        elif re.match(r"\| (id and message|message begins) \|", line):
            is_table = True
        elif is_table and not line.startswith("|---"):
            for text in line[2:].split(" |")[0].split("<br>"):
                parts = (plain(part).lstrip(LEADING) for part in re.split(r"\.\.\.|: ", text))
                yield number, [part for part in parts if part]


def check(sources, catalogue, operators, exempt):
    """What is wrong: messages without a row, rows and exemptions without a message."""
    problems = []
    rows = [(number, row) for number, row in rows_of(catalogue)]
    used, exemptions = set(), {(path, pattern) for path, patterns in exempt.items() for pattern in patterns}
    left = set(exemptions)
    for path, text in sources.items():
        for line, message in messages_of(Path(path), text):
            pieces = pieces_of(message)
            shown = plain(message).strip(HOLE + " ")
            if not re.search("[a-z]{2}", "".join(pieces)):
                continue
            if found := [pattern for pattern in exempt.get(path, ()) if any(re.match(pattern, HOLE.join(pieces[at:])) for at in range(len(pieces)))]:
                left -= {(path, pattern) for pattern in found}
                continue
            found = [at for at, (_, row) in enumerate(rows) if is_row_of(row, pieces)]
            used.update(found)
            if "export/lower/" in path and max(pieces, key=len) in operators:
                continue
            if not found:
                problems.append(f"{path}:{line}: {CATALOGUE} has no row that begins like \"{shown}\"")
    for at, (number, row) in enumerate(rows):
        if at not in used:
            problems.append(f"{CATALOGUE}:{number}: no message of the code is \"{' ... '.join(row)}\": correct or remove the row")
        elif len("".join(row)) < 5:
            problems.append(f"{CATALOGUE}:{number}: \"{' ... '.join(row)}\" is too short to be recognised")
    for path, pattern in sorted(left):
        problems.append(f"messages.py: {path} has nothing like \"{pattern}\": remove it from NO_MESSAGES")
    return problems


def self_test():
    """The rule notices what it is for."""
    table = "| message begins | it means | mend it |\n|---|---|---|\n| the file \"...\" is not there | | copy it |\n"
    there = 'void f() { throw gone("the file \\"" + name + "\\" is not there"); }'
    cases = [
        ("a message with its row", {"a.hpp": there}, 0),
        ("a row without a message", {"a.hpp": "int x;"}, 1),
        ("a throw", {"a.hpp": there, "b.hpp": 'void f() { throw x("size " + n); }'}, 1),
        ("a static_assert", {"a.hpp": there, "b.hpp": 'static_assert(ok<T>,\n "constexport: "\n "too much");'}, 1),
        ("a text that is thrown later", {"a.hpp": there, "b.hpp": 'auto f() { return "no size of it is known"; }'}, 1),
        ("a finding", {"a.hpp": there, "b.hpp": 'void f() { say(level::error, "too-new", place, "opset " + n); }'}, 1),
        ("standard error", {"a.hpp": there, "b.cpp": 'int main() { std::fprintf(stderr, "%s: broken\\n", s); }'}, 1),
        ("help", {"a.hpp": there, "b.cpp": 'int main() { app.add_option("x", x, "The file that is read"); }'}, 0),
        ("a comment", {"a.hpp": there, "b.hpp": '// throw x("nothing of it is here");\nint x;'}, 0),
        ("another message that begins in the middle of the row", {"a.hpp": there, "b.hpp": 'void f() { throw x("it is not there"); }'}, 1),
        ("a short word of the row within another one", {"a.hpp": there.replace("the file", "it is"), "b.hpp": "int x;"}, 2),
        ("CMake", {"a.hpp": there, "b.cmake": 'message(FATAL_ERROR "f: ${x} is missing")'}, 1),
        ("Meson", {"a.hpp": there, "meson.build": "error('nothing found')"}, 1),
        ("a script", {"a.hpp": there, "b": '#!/usr/bin/env bash\n[ -e x ] || die "no x here"\n'}, 1),
        ("a lowering's reason", {"a.hpp": there, "export/lower/b.hpp": 'void f() { c.decline("it has no axis"); }'}, 1),
    ]
    return [
        f"the rule itself: {name}: {len(found)} problems instead of {expected}: {found}"
        for name, sources, expected in cases
        if len(found := check(sources, table, "", {})) != expected
    ]


def main():
    root = Path(sys.argv[1])
    files = [root / "meson.build", *(path for folder in ("include", "tools") for path in sorted((root / folder).rglob("*")))]
    # tools/catalogue makes documents, for who works on the library.
    left_out = ("__pycache__", "tools/catalogue/")
    names = {path.relative_to(root).as_posix(): path for path in files if path.is_file()}
    sources = {name: path.read_text(encoding="utf-8") for name, path in names.items() if not any(each in name for each in left_out)}
    documents = [(root / name).read_text(encoding="utf-8") for name in (CATALOGUE, OPERATORS)]
    problems = self_test() + check(sources, *documents, NO_MESSAGES)
    print("\n".join(problems))
    print(f"{sum(1 for _ in rows_of(documents[0]))} rows: {0 if problems else 1} passed, {len(problems)} failed")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
