"""Writes the report as one HTML page that contains its style and charts."""

from html import escape

from vitrine_bench import gnuplot
from vitrine_bench.document import Chart, Paragraph, Points, Table

STYLE = """
:root { color-scheme: light dark; --page: #fff; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0;
  --band: #f6f8fa; --warn: #9a6700; --warn-band: #fff8c5; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --text: #e6edf3; --quiet: #9198a1;
  --line: #3d444d; --band: #151b23; --warn: #d29922; --warn-band: #2a2111; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.5rem 1rem 4rem; max-width: 72rem; background: var(--page); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.6rem; line-height: 1.25; }
h2 { margin-top: 2.5rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); font-size: 1.25rem; }
p, li { max-width: 48rem; }
.warning { padding: .5rem .75rem; border-left: .25rem solid var(--warn); background: var(--warn-band); }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .75rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
thead th { border-bottom-width: 2px; vertical-align: bottom; }
tbody th { font-weight: 400; white-space: nowrap; }
tbody tr:nth-child(even) { background: var(--band); }
td { white-space: nowrap; }
td.prose { white-space: normal; }
.flawed { color: var(--warn); }
.notes, figcaption { color: var(--quiet); font-size: .875rem; }
figure { margin: 1.25rem 0; }
figure svg { display: block; width: 100%; max-width: 52.5rem; height: auto; }
@media print { :root { --page: #fff; --text: #000; } h2, figure, tr { break-inside: avoid; } }
"""


def render(sections):
    """The text of report.html."""
    body = []
    for number, section in enumerate(sections):
        rank = 1 if number == 0 else 2
        body.append(f"<h{rank}>{escape(section.title)}</h{rank}>")
        body += [RENDER[type(block)](block) for block in section.blocks]
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8"/>\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1"/>\n'
        f"<title>{escape(sections[0].title)}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n"
        + "\n".join(body)
        + "\n</main>\n</body>\n</html>\n"
    )


def _paragraph(block):
    kind = ' class="warning"' if block.warning else ""
    return f"<p{kind}>{escape(block.text)}</p>"


def _points(block):
    return "<ul>\n" + "\n".join(f"<li>{escape(item)}</li>" for item in block.items) + "\n</ul>"


def _table(block):
    head = "".join(f'<th scope="col">{escape(text)}</th>' for text in block.head)
    rows = "\n".join(f"<tr>{_row(row)}</tr>" for row in block.rows)
    table = f"<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}\n</tbody>\n</table>"
    notes = "".join(f"<li>{escape(note)}</li>" for note in block.notes)
    # What can be scrolled must be reachable by the keyboard.
    return f'<div class="wide" tabindex="0">{table}</div>' + (f'\n<ul class="notes">{notes}</ul>' if notes else "")


def _row(row):
    first, *rest = row
    return f'<th scope="row">{escape(first.text)}</th>' + "".join(_cell(cell) for cell in rest)


def _cell(cell):
    text = "<br/>".join(escape(line) for line in cell.text.split("\n"))
    text = f"<strong>{text}</strong>" if cell.strong else text
    kinds = ["flawed"] * cell.flawed + ["prose"] * any(len(line) > 60 for line in cell.text.split("\n"))
    return f'<td class="{" ".join(kinds)}">{text}</td>' if kinds else f"<td>{text}</td>"


def _chart(block):
    caption = f"<strong>{escape(block.title)}.</strong> {escape(block.caption)}".strip()
    return f"<figure>\n{gnuplot.inline(block.svg)}<figcaption>{caption}</figcaption>\n</figure>"


RENDER = {Paragraph: _paragraph, Points: _points, Table: _table, Chart: _chart}
