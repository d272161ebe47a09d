"""snippets.py ROOT: code in documents is code that is built.

A ```cpp or ```c block in README.md or docs/ stands behind a comment `<!-- path -->`, and is found in that file, line by line. The
last line of output is `N passed, N failed`.
"""

import re
import sys
from pathlib import Path

BLOCK = re.compile(r"(?:<!-- ([\w./-]+) -->\n)?```(?:cpp|c)\n(.*?)```", re.S)


def main():
    root = Path(sys.argv[1])
    passed = failed = 0
    for document in [root / "README.md", *sorted((root / "docs").glob("*.md"))]:
        for match in BLOCK.finditer(document.read_text(encoding="utf-8")):
            source, code = match[1], match[2]
            where = f"{document.relative_to(root)}: the block that begins '{code.splitlines()[0]}'"
            if source is None:
                problem = "names no source; put <!-- path --> on the line before it"
            elif not (root / source).exists():
                problem = f"names {source}, which is not there"
            elif code not in (root / source).read_text(encoding="utf-8"):
                problem = f"is not in {source}, word for word"
            else:
                passed += 1
                continue
            failed += 1
            print(f"{where} {problem}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


sys.exit(main())
