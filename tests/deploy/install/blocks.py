"""The commands of a page: every block that is fenced as bash, in order, as one script that says where it is and ends at the first command that fails."""
import re
import sys

page = open(sys.argv[1], encoding="utf-8").read()
blocks = re.findall(r"^```bash\n(.*?)^```$", page, re.M | re.S)
if len(blocks) < int(sys.argv[2]):
    sys.exit(f"{sys.argv[1]} has {len(blocks)} blocks of commands only")
print("set -euo pipefail")
for number, block in enumerate(blocks, 1):
    line = page[:page.index(block)].count("\n") + 1
    print(f'echo "--- block {number}, line {line} ($SECONDS s)"')
    print(block)
