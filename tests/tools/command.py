"""Helpers of the tests of the command: running it, and the expressions that it and Optimum's table print."""

import random
import re
import subprocess

TOKEN = re.compile(r"\s*(\d+|[A-Za-z_][A-Za-z_0-9]*|//|\*\*|==|[-+*/%(),>])")


def run(program, *arguments):
    """(exit code, standard output, standard error)"""
    # A message may quote bytes of a damaged file.
    done = subprocess.run([program, *arguments], capture_output=True, text=True, errors="backslashreplace", timeout=60)
    return done.returncode, done.stdout, done.stderr


class Expression:
    """Python's arithmetic over names. `/` is a floor division, ` x ` between two names a product."""

    def __init__(self, text):
        # The only names with a blank in them that Optimum has are products.
        text = re.sub(r"(?<=[\w)]) x (?=[\w(])", " * ", text)
        self.tokens, at = [], 0
        while at < len(text.rstrip()):
            found = TOKEN.match(text, at)
            if not found:
                raise ValueError(f"no expression: {text!r}")
            self.tokens.append(found.group(1))
            at = found.end()
        words = {token for token in self.tokens if re.match(r"[A-Za-z_]", token)}
        self.names = words - {"min", "max", "or"}
        self.code = compile(" ".join("//" if token == "/" else token for token in self.tokens), "expression", "eval")

    def at(self, sizes):
        return int(eval(self.code, {"__builtins__": {}, "min": min, "max": max}, sizes))


def equal(left, right, trials=20):
    """Do two expressions have the same names and, at many sizes, the same value?"""
    if left == right:
        return True
    try:
        a, b = Expression(left), Expression(right)
    except (ValueError, SyntaxError):
        return False
    if a.names != b.names:
        return False
    source = random.Random(left)
    for _ in range(trials):
        sizes = {name: source.randint(2_000, 2_000_000) for name in a.names}
        if a.at(sizes) != b.at(sizes):
            return False
    return True
