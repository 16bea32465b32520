"""iniset, iniget, iniadd, inidelete and inicomment of devstack: on one option of a file, everything else stays as it is."""
import os
import re
import sys


def bounds(lines, section):
    """First and last line after the header of a section; None if there is none."""
    for start, line in enumerate(lines):
        if line.strip() == f"[{section}]":
            end = next((at for at in range(start + 1, len(lines)) if lines[at].startswith("[")), len(lines))
            return start + 1, end
    return None


def main(verb, path, section, option, *values):
    if not section or not option:
        return 0
    lines = open(path, encoding="utf-8").read().splitlines() if os.path.exists(path) else []
    found = bounds(lines, section)
    name = re.compile(rf"{re.escape(option)}[ \t]*=[ \t]*(.*)")
    mine = [at for at in range(*found) if name.match(lines[at])] if found else []
    if verb == "get":
        print(*(name.match(lines[at]).group(1) for at in mine), sep="\n")
        return 0
    if verb in ("set", "add") and found is None:
        lines += ["", f"[{section}]"]
        found = (len(lines), len(lines))
    if verb == "set":
        if mine:
            lines[mine[0]] = f"{option} = {values[0]}"
        else:
            lines.insert(found[0], f"{option} = {values[0]}")
    elif verb == "add":
        lines[found[0]:found[0]] = [f"{option} = {value}" for value in values]
    elif verb == "delete":
        lines = [line for at, line in enumerate(lines) if at not in mine]
    elif verb == "comment":
        lines = ["#" + line if at in mine else line for at, line in enumerate(lines)]
    open(path, "w", encoding="utf-8").write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
