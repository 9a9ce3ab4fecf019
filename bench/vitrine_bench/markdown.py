"""Writes the report as Markdown."""

import re

from vitrine_bench.document import Chart, Paragraph, Points, Table


def render(sections):
    """The text of report.md. Charts are files beside it."""
    parts = []
    for number, section in enumerate(sections):
        parts.append(("# " if number == 0 else "## ") + escaped(section.title))
        parts += [RENDER[type(block)](block) for block in section.blocks]
    return "\n\n".join(parts) + "\n"


def escaped(text):
    """Text that Markdown leaves as it is: none of it becomes markup, HTML, or a line."""
    text = re.sub(r"[\x00-\x1f\x7f]+", " ", text)
    return re.sub(r"([\\`*_\[\]<>|#&~])", r"\\\1", text)


def table(lines):
    """A table of lines of text, the first of which is its head, in columns that line up."""
    widths = [max(len(line[column]) for line in lines) for column in range(len(lines[0]))]
    padded = ["| " + " | ".join(text.ljust(width) for text, width in zip(line, widths)) + " |" for line in lines]
    return "\n".join([padded[0], "|" + "|".join("-" * (width + 2) for width in widths) + "|"] + padded[1:])


def _paragraph(block):
    return f"**{escaped(block.text)}**" if block.warning else escaped(block.text)


def _points(block):
    return "\n".join(f"- {escaped(item)}" for item in block.items)


def _table(block):
    lines = [[escaped(text) for text in block.head]]
    for row in block.rows:
        lines.append([_cell(cell) for cell in row])
    notes = "".join(f"\n- {escaped(note)}" for note in block.notes)
    return table(lines) + (f"\n{notes}" if notes else "")


def _cell(cell):
    text = "<br>".join(escaped(line) for line in cell.text.split("\n"))
    return f"**{text}**" if cell.strong else text


def _chart(block):
    caption = f"\n\n{escaped(block.caption)}" if block.caption else ""
    return f"![{escaped(block.title)}]({block.file}){caption}"


RENDER = {Paragraph: _paragraph, Points: _points, Table: _table, Chart: _chart}
