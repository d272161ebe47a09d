"""The table form of a few answers against stored texts, and the completion of bash.

Usage: tables.py PROGRAM FOLDER [--write]. The last line of output is `N passed, N failed[, N skipped]`.
"""

import pathlib
import pty
import os
import shutil
import subprocess
import sys

from command import run
from outcomes import check, finish, skip

TABLES = {
    "bert": ["show", "bert", "--task", "multiple-choice"],
    "gpt2": ["show", "gpt2", "--task", "text-generation-with-past"],
    "gpt2_first": ["show", "gpt2", "--task", "text-generation-with-past", "--no-past-in-inputs", "--axis", "batch_size=1"],
    "t5_decoder": ["show", "t5", "--task", "text2text-generation-with-past", "--behavior", "decoder"],
    "clip": ["show", "clip", "--task", "zero-shot-image-classification"],
    "vits": ["show", "vits", "--task", "text-to-audio"],
    "musicgen": ["show", "musicgen", "--task", "text-to-audio", "--part", "decoder/11"],
    "wav2vec2": ["show", "wav2vec2", "--task", "automatic-speech-recognition", "--axis", "audio_sequence_length=8000"],
}

# words before the cursor, what is offered
COMPLETIONS = [
    (["constexport", "emit", "dyn"], ["dynamic-axes", "dynamic-shapes"]),
    (["constexport", "emit", "c-header", "--te"], ["--test-data"]),
    (["constexport", "sh"], ["show"]),
    (["constexport", "show", "gpt2", "--ta"], ["--task"]),
    (["constexport", "show", "gpt2", "--task", "text-g"], ["text-generation", "text-generation-with-past"]),
    (["constexport", "show", "bert", "--task", "fill"], ["fill-mask"]),
    (["constexport", "show", "wav2vec2-c"], ["wav2vec2-conformer"]),
    (["constexport", "show", "speecht5", "--part", "po"], ["postnet_and_vocoder"]),
    (["constexport", "list", "--library", "transf"], ["transformers"]),
]


def on_a_terminal(arguments):
    """What the command prints where a person looks at it; None where the system has no terminals to give (a bare chroot)."""
    try:
        reader, writer = pty.openpty()
    except OSError:
        return None
    environment = {**os.environ, "TERM": "xterm"}
    environment.pop("NO_COLOR", None)
    child = subprocess.Popen(arguments, stdout=writer, stderr=writer, env=environment)
    os.close(writer)
    text = b""
    while True:
        try:
            block = os.read(reader, 65536)
        except OSError:  # the other end is closed
            break
        if not block:
            break
        text += block
    os.close(reader)
    return child.wait(), text.decode()


def main():
    program, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for name, arguments in TABLES.items():
        code, out, err = run(program, *arguments)
        path = folder / f"{name}.txt"
        if "--write" in sys.argv:
            path.write_text(out, encoding="utf-8")
        check(f"{name}: as in {path}", code == 0 and out == path.read_text(encoding="utf-8"), out + err)
        check(f"{name}: no colours in a pipe", "\033" not in out)
    # The page about the command shows one of them.
    page = (folder.parents[2] / "docs/command.md").read_text(encoding="utf-8")
    check("docs/command.md shows tables/t5_decoder.txt as it is", (folder / "t5_decoder.txt").read_text(encoding="utf-8") in page)
    seen = on_a_terminal([program, *TABLES["gpt2"]])
    if seen is None:
        skip("colours on a terminal: no pseudo-terminal")
    else:
        check("colours on a terminal", seen[0] == 0 and "\033[36mbatch_size" in seen[1], repr(seen[1][:200]))

    bash = shutil.which("bash")
    if not bash:
        skip("completion: no bash", len(COMPLETIONS))
    else:
        script = run(program, "completion", "bash")[1]
        for words, offered in COMPLETIONS:
            asked = f"{script}\nCOMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _constexport; printf '%s\\n' \"${{COMPREPLY[@]}}\""
            given = subprocess.run([bash, "-c", asked], capture_output=True, text=True).stdout.split()
            check(f"completion of {words}", given == offered, f"{given} instead of {offered}")
    return finish()


if __name__ == "__main__":
    sys.exit(main())
