#!/usr/bin/python3
"""check_settings.py KIND: prints where the scripts, documents, manual pages or .env.example differ from the table of
settings, which `vitrine settings --json` gives on standard input. tests/settings.sh calls it from the source folder."""

import json
import pathlib
import re
import sys

SETTINGS = {setting["name"]: setting for setting in map(json.loads, sys.stdin)}
SCRIPTS = [*sorted(pathlib.Path("provision").glob("vitrine-*.in")), pathlib.Path("run")]


def plain(text):
    """The text in small letters, in one line, without marks of Markdown and without commas in numbers."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", text.replace("`", ""))
    return " ".join(text.lower().split())


def differs(file, name, what, wanted, got):
    """One line of the answer."""
    print(f"{file}: {name}: {what}: wanted '{wanted}', got '{got}'")


def literal(setting, in_containers):
    """The value that the setting has where it is unset, or None if that is computed."""
    return (in_containers and setting["container_value"]) or setting["default_value"]


# ---- scripts, Dockerfile, docker-compose.yml, Vagrantfile: defaults; scripts: ranges ----

def compare_defaults(file, pattern, in_containers):
    """Every pair of name and default that the pattern finds in the file; a default that is computed is skipped."""
    for name, value in re.findall(pattern, pathlib.Path(file).read_text()):
        if name not in SETTINGS:
            differs(file, name, "in the table", "yes", "no")
        elif value and "$" not in value and value != literal(SETTINGS[name], in_containers):
            differs(file, name, "default", literal(SETTINGS[name], in_containers), value)


def scripts():
    for file in SCRIPTS:
        compare_defaults(file, r"\$\{(VITRINE_\w+):?-([^}]*)\}", False)
        for name, found in re.findall(r"(VITRINE_\w+) must be a whole number from (\d+ to \d+)", file.read_text()):
            if found != SETTINGS[name]["range"]:
                differs(file, name, "range", SETTINGS[name]["range"], found)
    compare_defaults("docker-compose.yml", r"\$\{(VITRINE_\w+):-([^}]*)\}", True)
    environment = re.findall(r"^ENV (.*)", pathlib.Path("Dockerfile").read_text(), re.M)
    for name, value in re.findall(r"(VITRINE_\w+)=(\S+)", " ".join(environment)):
        if value != literal(SETTINGS[name], True):
            differs("Dockerfile", name, "default", literal(SETTINGS[name], True), value)
    compare_defaults("Vagrantfile", r'setting\["(VITRINE_\w+)", "([^"]*)"\]', False)


# ---- tables of the documents, and the Vagrantfile's comment ----

def rows(file):
    """The cells of each row of a table that begins with a setting."""
    for line in pathlib.Path(file).read_text().splitlines():
        if line.startswith("| `VITRINE_"):
            yield [plain(cell) for cell in line.strip("|").split("|")]


def default_cell(setting):
    """What a table tells of the default."""
    if setting["container_value"] is None:
        return setting["default"]
    return f"{setting['default']}; in containers {setting['container_value']}"


def compare_row(file, cells, has_range):
    name, default, *ranges, meaning = cells
    setting = SETTINGS.get(name.upper())
    if setting is None or len(ranges) != has_range:
        differs(file, name, "a row of the table's form", "yes", cells)
        return
    if default != plain(default_cell(setting)):
        differs(file, name, "default", default_cell(setting), default)
    if has_range and ranges[0] != setting["range"]:
        differs(file, name, "range", setting["range"], ranges[0])
    if not meaning.startswith(plain(setting["help"])):
        differs(file, name, "the meaning begins with", setting["help"], meaning)


def documents():
    for file, has_range in (("README.md", False), ("docs/settings.md", True), ("docs/vm.md", False)):
        for cells in rows(file):
            compare_row(file, cells, has_range)
    described = {cells[0].upper() for cells in rows("docs/vm.md")}
    told = re.findall(r"^# {3}(VITRINE_\w+) +(.*)", pathlib.Path("Vagrantfile").read_text(), re.M)
    for name, setting in SETTINGS.items():
        if setting["places"] != ["vagrant"]:
            continue
        if name not in described:
            differs("docs/vm.md", name, "has a row", "yes", "no")
        text = dict(told).get(name, "")
        if not text.startswith(setting["help"]) or f"({setting['default']})" not in text:
            differs("Vagrantfile", name, "comment", f"{setting['help']} ({setting['default']})", text)


# ---- .env.example ----

def example():
    comment = ""
    for line in pathlib.Path(".env.example").read_text().splitlines():
        if not line:
            comment = ""
        if line.startswith("# "):
            comment += line[1:]
        for name, value in re.findall(r"^#(VITRINE_\w+)=(.*)", line):
            setting = SETTINGS[name]
            if plain(setting["help"]) not in plain(comment):
                differs(".env.example", name, "help", setting["help"], comment)
            # What has no value as a default is an example, and the comment tells the default.
            if setting["default"] != "none" and value != literal(setting, True) and \
                    plain(f"Default: {setting['default']}.") not in plain(comment):
                differs(".env.example", name, "default", literal(setting, True) or setting["default"], value)


# ---- manual pages ----

def from_mdoc(lines):
    """The text of an entry without macros, whose closing marks join the word before them."""
    words = []
    for line in lines:
        if line.startswith("."):
            line = re.sub(r"^\.\w+ ", "", line)
            line = re.sub(r" ([.,;:)])", r"\1", line)
        words.append(line)
    return plain(" ".join(words))


def entries(page):
    """Name and text of each setting that the page describes."""
    for entry in re.split(r"^\.It Ev (?=VITRINE_)", page.read_text(), flags=re.M)[1:]:
        name, *lines = re.split(r"^\.(?:It|El)\b", entry, maxsplit=1, flags=re.M)[0].splitlines()
        yield name, from_mdoc(lines)


def tells_values(setting, text):
    """Whether the text has the default and the range."""
    default = setting["default"]
    wanted = "required." if default.startswith("required") else plain(f"default: {default}.")
    has_range = all(re.search(rf"\b{re.escape(word)}\b", text) for word in re.split(r", | or ", setting["range"]))
    return has_range and (default == "none" or wanted in text)


def manuals():
    told = {}
    for page in sorted(pathlib.Path("docs").glob("*.[18]")):
        for name, text in entries(page):
            setting = SETTINGS[name]
            told[name] = told.get(name, False) or tells_values(setting, text)
            if plain(setting["help"]) not in text:
                differs(page, name, "help", setting["help"], text)
    for name in sorted(name for name, is_told in told.items() if not is_told):
        wanted = f"{SETTINGS[name]['default']}; {SETTINGS[name]['range']}"
        differs("docs/*.[18]", name, "default and range", wanted, "no page")


{"scripts": scripts, "documents": documents, "example": example, "manuals": manuals}[sys.argv[1]]()
