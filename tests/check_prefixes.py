#!/usr/bin/python3
"""Prints each function that a header of cgi/ declares and that begins neither with the name of its file nor with those of
its room and file. What a room's files share (internal.h), and the commands, begin with the room's name; error.h has vt_."""

import pathlib
import re

ROOT = pathlib.Path("cgi")
SHARED = {"internal", "commands"}
DECLARATION = re.compile(r"(?:^|[;}])\s*((?:[\w*]+[\s*]+)+)(\w+)\s*\(")


def declarations(header):
    """The names of the functions that the header declares."""
    text = re.sub(r"/\*.*?\*/", "", header.read_text(), flags=re.S)
    text = re.sub(r"#.*?(?<!\\)\n", "\n", text)
    while re.search(r"\{[^{}]*\}", text):
        text = re.sub(r"\{[^{}]*\}", ";", text)
    for match in DECLARATION.finditer(text):
        if "typedef" not in match[1] and match[2].islower():
            yield match[2]


def prefixes(header):
    """What a function of the header may begin with."""
    parts = header.relative_to(ROOT).with_suffix("").parts
    allowed = {parts[-1], "_".join(parts), "_".join(parts[:-1]) if len(parts) > 2 else parts[-1]}
    if parts[-1] in SHARED:
        allowed.add(parts[0])
    if parts[-1] == "error":
        allowed.add("vt")
    return allowed


for path in sorted(ROOT.rglob("*.h")):
    for name in declarations(path):
        if not any(name == prefix or name.startswith(prefix + "_") for prefix in prefixes(path)):
            print(f"{path}: {name}")
