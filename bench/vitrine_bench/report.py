"""Writes the report of a run: report.md, report.html and the charts."""

import os

from vitrine_bench import charts, document, figures, gnuplot, html, markdown


def write_report(results, folder, has_charts=True):
    """Writes report.md, report.html and the charts as SVG files into a folder, which is made; without charts, report.md
    alone. results.json is the caller's to put there. Gives the names of the files. OSError, or gnuplot.Failed.
    """
    os.makedirs(folder, exist_ok=True)
    drawn = charts.all_charts(results, figures.rows(results)) if has_charts else []
    sections = document.sections(results, drawn)
    files = {"report.md": markdown.render(sections)}
    if has_charts:
        files["report.html"] = html.render(sections)
        files |= {name: gnuplot.alone(svg) for name, _, svg in drawn}
    for name, text in files.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(text)
    return sorted(files)
