"""dummy_values.py PROGRAM DOCUMENT: the document holds the table that the program prints."""

import subprocess
import sys

table = subprocess.run([sys.argv[1]], capture_output=True, text=True, check=True).stdout
with open(sys.argv[2], encoding="utf-8") as file:
    same = table in file.read()
if not same:
    print(f"{sys.argv[2]} lacks the table as build/tools/dummy_values prints it today; replace it")
print("1 passed, 0 failed" if same else "0 passed, 1 failed")
sys.exit(0 if same else 1)
