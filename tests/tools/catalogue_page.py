"""catalogue_page.py CONSTEXPORT ROOT BROWSER: docs/catalogue.html is what the command answers today, and works in a browser.

BROWSER may be empty: what needs it is skipped, and counted. The last line of output counts them.
"""

import html
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from outcomes import check, finish, skip
from urllib.parse import quote

program, root, browser = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
page = root / "docs/catalogue.html"


def rendered(fragment):
    """What a person reads on the page, after its scripts have run."""
    with tempfile.TemporaryDirectory() as profile:
        done = subprocess.run(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}",
             "--virtual-time-budget=5000", "--dump-dom", page.as_uri() + fragment],
            capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip
    text = re.sub(r"<(script|style).*?</\1>", "", done.stdout, flags=re.S)
    return html.unescape(re.sub(r"<[^>]+>", " ", text)), done.stdout


with tempfile.TemporaryDirectory() as folder:
    made = Path(folder) / "catalogue.html"
    done = subprocess.run([sys.executable, root / "tools/catalogue/make_page.py", program, "-o", made], capture_output=True, text=True, check=False)
    check("the page can be made", done.returncode == 0, done.stderr)
    same = made.exists() and made.read_bytes() == page.read_bytes()
    check("docs/catalogue.html is up to date", same, "run: python3 tools/catalogue/make_page.py build/constexport")
source = page.read_text(encoding="utf-8")
check("the page needs no network", not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//|@import|fetch\(|XMLHttpRequest""", source))

if not browser:
    skip("no headless browser; install chromium", 4)
else:
    text, dom = rendered("#transformers/gpt2/" + quote("text-generation-with-past"))
    check("a link selects a contract", "GPT2OnnxConfig" in text and "past_sequence_length + sequence_length" in text, text[:500])
    check("layers are folded", "past_key_values.*.key" in text and "12 layers" in text)
    # One colour per axis: every batch_size has the same, and another than sequence_length.
    colours = dict()
    for style, name in re.findall(r'<span class="dim" style="background: ([^"]+)">([^<]+)</span>', dom):
        colours.setdefault(name, set()).add(style)
    check("axes have colours of their own", all(len(each) == 1 for each in colours.values()) and colours["batch_size"] != colours["sequence_length"], colours)
    everything = int(re.search(r"(\d+) of (\d+)", rendered("")[0])[2])
    text, _ = rendered("?q=" + quote("input_features") + "&task=automatic-speech-recognition")
    found = int(re.search(r"(\d+) of \d+", text)[1])
    check("search and filters narrow the list", 0 < found < everything and "whisper" in text and "gpt2" not in text, text[:300])

sys.exit(finish())
