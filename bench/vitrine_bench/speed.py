"""The report of bench/speed: rows that its parts have measured, summed up, and the table of them.

A row has rounds of one side, or of two that ran in turn. What else the machine did hit both sides of a round, so the
ratio is taken round by round. Rounds are few and short, so the spread is told as the least and the greatest.
"""

import dataclasses
import datetime

from vitrine_bench import machine, markdown, stats, units


class Invalid(Exception):
    """A row cannot be summed up."""


def describe_machine(folder):
    """What is measured, and on what. Watches the processors for two seconds."""
    now = datetime.datetime.now(datetime.timezone.utc)
    about = {"date": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "commit": machine.commit(folder)}
    return about | dataclasses.asdict(machine.describe())


def sum_up(row):
    """Sums up a row {row, part, what, unit, ours: [...]}. Where there is another side, it has {against, other: [...]},
    and where something is asked, {asked: {at_most: N} or {at_least: N}}. What is asked is asked of the ratio, ours over
    the other's; without another side, of ours. Raises Invalid.
    """
    if not row["ours"]:
        raise Invalid(f"{row['row']}: nothing was measured")
    done = row | {"rounds": len(row["ours"]), "ours": _spread(row["ours"])}
    judged = done["ours"]
    if "other" in row:
        if len(row["ours"]) != len(row["other"]):
            raise Invalid(f"{row['row']}: the sides differ in rounds")
        judged = _spread([our / other for our, other in zip(row["ours"], row["other"])])
        done |= {"other": _spread(row["other"]), "ratio": judged}
    if "asked" in row:
        bounds = row["asked"]
        median = judged["median"]
        done["met"] = median <= bounds.get("at_most", median) and median >= bounds.get("at_least", median)
    return done


def report(rows, about, quick, unmeasured):
    """The report as what JSON can hold. `about` is from describe_machine, unmeasured the parts that failed."""
    return {"machine": about, "quick": quick, "unmeasured": unmeasured, "rows": [sum_up(row) for row in rows]}


def table(summed):
    """A report as a table in Markdown. Rows marked as detail are in the report alone."""
    lines = [["part", "what", "Vitrine", "against", "ratio", "asked", "met"]]
    lines += [_line(row) for row in summed["rows"] if not row.get("detail")]
    return f"{markdown.table(lines)}\n\n{_about(summed)}"


def _spread(rounds):
    return {"median": stats.median(rounds), "least": min(rounds), "most": max(rounds), "rounds": rounds}


def _line(row):
    unit = f" {row['unit']}" if row["unit"] else ""
    other = f"{row['against']} {_figures(row['other'], unit)}" if "other" in row else "–"
    met = {True: "yes", False: "no", None: "–"}[row.get("met")]
    asked = _asked(row.get("asked"), "" if "ratio" in row else unit)
    return [row["part"], row["what"], _figures(row["ours"], unit), other, _figures(row.get("ratio"), ""), asked, met]


def _figures(spread, unit):
    if spread is None:
        return "–"
    text = units.figure(spread["median"]) + unit
    if spread["least"] == spread["most"]:
        return text
    return f"{text} ({units.figure(spread['least'])}–{units.figure(spread['most'])})"


def _asked(asked, unit):
    if asked is None:
        return "–"
    return f"≤ {asked['at_most']}{unit}" if "at_most" in asked else f"≥ {asked['at_least']}{unit}"


def _about(summed):
    on = summed["machine"]
    text = f"Vitrine {on['commit']}, {on['date'][:10]}, {on['cpus']} × {on['cpu']}, {on['system']}, {on['kernel']}"
    text += "; --quick. " if summed["quick"] else ". "
    text += f"Other programs took {on['others_percent']} % of the processors as it began."
    if summed["unmeasured"]:
        text += f" Not measured: {', '.join(summed['unmeasured'])}."
    return text
