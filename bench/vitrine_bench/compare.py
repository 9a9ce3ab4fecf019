"""Compares two runs row by row: what has changed beyond noise."""

from dataclasses import asdict, dataclass

from vitrine_bench import figures, markdown, stats, units

# What a row comes to.
BETTER = "better"
WORSE = "worse"
SAME = "no change"
FAILS = "fails now"  # requests failed that did not before: counts as worse
UNJUDGED = "not judged"

RULE = (
    "Better or worse: the 95 % bootstrap interval of the ratio of medians, new over old, leaves out 1, and "
    "the ratio is at least {least:g} % off 1. Else no change is seen. Of a hundred rows "
    "that did not change, a few may leave out 1 by chance: measure again what matters."
)


@dataclass
class Line:
    target: str
    key: str
    name: str
    unit: str
    old: stats.Estimate
    new: stats.Estimate
    old_errors: int
    new_errors: int
    ratio: stats.Estimate | None
    verdict: str
    why: str  # of what is not judged


@dataclass
class Comparison:
    old: dict
    new: dict
    least_percent: float
    rule: str
    warnings: list[str]
    lines: list[Line]
    only_old: list[str]  # rows that the other run does not have, as "target key"
    only_new: list[str]

    def count(self, *verdicts):
        return sum(line.verdict in verdicts for line in self.lines)

    @property
    def worse(self):
        return self.count(WORSE, FAILS) > 0

    def document(self):
        """For --json."""
        counts = {verdict: self.count(verdict) for verdict in (BETTER, WORSE, FAILS, SAME, UNJUDGED)}
        return asdict(self) | {"counts": counts}


def compare(old, new, least_percent):
    """Of two results, all rows that both have."""
    old_rows, new_rows = ({row.key: row for row in figures.rows(results)} for results in (old, new))
    lines = [
        _line(old, new, old_rows[key], row, target, least_percent)
        for key, row in new_rows.items()
        if key in old_rows
        for target in row.cells
        if target in old_rows[key].cells
    ]
    names_old, names_new = (
        [f"{target} {key}" for key, row in rows.items() for target in row.cells]
        for rows in (old_rows, new_rows)
    )
    return Comparison(
        _about(old),
        _about(new),
        least_percent,
        RULE.format(least=least_percent),
        _warnings(old, new),
        lines,
        [name for name in names_old if name not in names_new],
        [name for name in names_new if name not in names_old],
    )


def _about(results):
    return {"commit": results.commit, "date": results.date, "rounds": results.rounds}


def _line(old, new, old_row, new_row, target, least_percent):
    was, now = old_row.cells[target], new_row.cells[target]
    why = _why_not(old, new, target, was, now)
    ratio = None if why else stats.ratio_of_runs(now.rounds, was.rounds, new.seed)
    verdict = UNJUDGED
    if now.errors and not was.errors:
        verdict, why = FAILS, f"{now.errors:,} requests failed"
    elif not why:
        verdict, why = _verdict(ratio, new_row.less_is_better, least_percent)
    return Line(
        target,
        new_row.key,
        f"{new_row.kind} {new_row.name}" + (f", {new_row.account}" if new_row.account else ""),
        new_row.unit,
        was.estimate,
        now.estimate,
        was.errors,
        now.errors,
        ratio,
        verdict,
        why,
    )


def _why_not(old, new, target, was, now):
    """Why a row cannot be judged, or nothing."""
    if old.targets[target].accelerator != new.targets[target].accelerator:
        return "accelerators differ"
    if was.source != now.source:
        return "accounts differ"
    if was.rate != now.rate:
        return "rates differ"
    if was.errors:
        return "requests failed before" + (" and now" if now.errors else "")
    return "requests failed" if now.errors else ""


def _verdict(ratio, less_is_better, least_percent):
    if ratio is None:
        return UNJUDGED, "nothing to divide by"
    if ratio.low is None:
        return UNJUDGED, "too few rounds"
    if not ratio.excludes(1) or abs(ratio.value - 1) * 100 < least_percent:
        return SAME, ""
    return (BETTER if (ratio.value < 1) == less_is_better else WORSE), ""


def _warnings(old, new):
    said = []
    for name in ("cpu", "cpus", "memory_kb", "kernel", "system", "governor", "congestion_control", "virtualisation"):
        was, now = getattr(old.machine, name), getattr(new.machine, name)
        if was != now:
            said.append(f"machines differ: {name} was {was}, is {now}")
    for name, now in new.machine.versions.items():
        was = old.machine.versions.get(name)
        if was not in (None, now):
            said.append(f"versions differ: {name} was {was}, is {now}")
    if old.rounds != new.rounds:
        said.append(f"rounds differ: {old.rounds} before, {new.rounds} now")
    for name, target in new.targets.items():
        before = old.targets.get(name)
        if before and before.accelerator != target.accelerator:
            said.append(
                f"accelerators differ: {name} was {before.accelerator or 'none'}, is "
                f"{target.accelerator or 'none'}; not compared"
            )
    for which, results in (("old", old), ("new", new)):
        if results.quick:
            said.append(f"the {which} run was a quick one")
        if not results.complete:
            said.append(f"the {which} run was interrupted")
    if old.commit == new.commit:
        said.append(f"both runs are of commit {new.commit}: what differs is noise, or the machine")
    return said


# ---- as text ----


def render(comparison, everything=False):
    """Warnings, a table in Markdown of what changed or could not be judged (of everything, if asked), and a count."""
    said = [f"Old: {_run(comparison.old)}", f"New: {_run(comparison.new)}"]
    said += [f"Warning: {text}." for text in comparison.warnings]
    shown = [line for line in comparison.lines if everything or line.verdict != SAME]
    if shown:
        head = ["target", "what", "old", "new", "new / old", "verdict"]
        said += ["", markdown.table([head] + [_cells(line) for line in shown])]
    unchanged = comparison.count(SAME)
    said += [
        "",
        f"{comparison.count(BETTER)} better, {comparison.count(WORSE, FAILS)} worse, {unchanged} without a change, "
        f"{comparison.count(UNJUDGED)} not judged.",
    ]
    for which, names in (("old", comparison.only_old), ("new", comparison.only_new)):
        if names:
            said.append(f"Only in the {which} run: {', '.join(names)}.")
    said.append(comparison.rule)
    return "\n".join(said)


def _run(about):
    return f"commit {about['commit']}, {about['date']}, {about['rounds']} rounds"


def _cells(line):
    verdict = f"{line.verdict}: {line.why}" if line.why else line.verdict
    return [
        line.target,
        line.name,
        units.estimate_text(line.old, line.unit) + (" !" if line.old_errors else ""),
        units.estimate_text(line.new, line.unit) + (" !" if line.new_errors else ""),
        units.ratio_text(line.ratio),
        verdict,
    ]
