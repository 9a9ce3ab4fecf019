"""gnuplot, and what it draws made to suit light and dark pages: text and axes in the page's own colour."""

import re
import subprocess
import xml.etree.ElementTree as ElementTree

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
# Stands for the page's own colour of text until gnuplot is done.
INK = "#010203"
INK_DRAWN = re.compile(r"rgb\(\s*1,\s*2,\s*3\)")
BOLD = ":Bold"
GRID = "#B0808080"
STYLE = (
    ":root{color:#1f2328}@media (prefers-color-scheme:dark){:root{color:#e6edf3}}"
    "@media print{:root{color:#000}}"
)

PREAMBLE = f"""set terminal svg size {{width}},{{height}} dynamic noenhanced font 'system-ui,sans-serif,13'
set encoding utf8
set border 3 linecolor rgb '{INK}'
set tics nomirror textcolor rgb '{INK}'
set key textcolor rgb '{INK}' top left Left reverse
set grid linecolor rgb '{GRID}' linewidth 1 dashtype 1
"""


class Failed(RuntimeError):
    """What gnuplot said."""


def quoted(text):
    """A string of gnuplot's. In single quotes nothing is replaced, and no command run."""
    return "'" + re.sub(r"[\x00-\x1f\x7f]", " ", text).replace("'", "''") + "'"


def block(name, lines):
    """A named data block; each line is a list of numbers."""
    body = "\n".join(" ".join(f"{number:.6g}" for number in line) for line in lines)
    return f"${name} << END\n{body}\nEND\n"


def draw(script, title, width, height):
    """What a script draws, as an SVG element with a title for those who do not see it. Failed says what gnuplot
    did not like; OSError if there is no gnuplot.
    """
    script = PREAMBLE.format(width=width, height=height) + script
    done = subprocess.run(
        ["gnuplot"], input=script.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False
    )
    # It warns of much that is no harm, such as an axis on which all values are the same.
    if done.returncode != 0:
        raise Failed(done.stderr.decode(errors="replace").strip() or "gnuplot failed")
    return _suited(ElementTree.fromstring(done.stdout), title)


def alone(svg):
    """The text of a file, which follows the reader's light or dark by itself."""
    svg = ElementTree.fromstring(inline(svg))
    style = ElementTree.Element(f"{SVG}style")
    style.text = STYLE
    svg.insert(1, style)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + inline(svg)


def inline(svg):
    """The text of an element within HTML, whose colour it takes."""
    ElementTree.register_namespace("", SVG.strip("{}"))
    return ElementTree.tostring(svg, encoding="unicode") + "\n"


def _suited(svg, title):
    for element in svg.iter():
        for name, value in list(element.attrib.items()):
            # Names would meet those of other charts in one page.
            if name in ("id", "class", "color"):
                del element.attrib[name]
            else:
                element.set(name, INK_DRAWN.sub("currentColor", value))
        # gnuplot has no other way to ask for it.
        family = element.get("font-family", "")
        if family.endswith(BOLD):
            element.set("font-family", family.removesuffix(BOLD))
            element.set("font-weight", "bold")
    _prune(svg)
    svg.set("role", "img")
    svg.set("fill", "none")
    named = ElementTree.Element(f"{SVG}title")
    named.text = title
    svg.insert(0, named)
    return svg


def _prune(element):
    """Without markers, of which nothing is drawn here, gnuplot's titles, and groups of nothing."""
    for child in list(element):
        _prune(child)
        dropped = child.tag in (f"{SVG}defs", f"{SVG}use", f"{SVG}title", f"{SVG}desc")
        if dropped or (child.tag == f"{SVG}g" and len(child) == 0):
            element.remove(child)
