"""The content of the report as sections of blocks; markdown.py and html.py write it."""

from dataclasses import dataclass, field

from vitrine_bench import figures, method, stats, units
from vitrine_bench.published import FIGURES as PUBLISHED
from vitrine_bench.results import WORKLOADS

NONE = "–"
EMULATED = "emulated: not compared"


@dataclass
class Text:
    """Of a table, a cell."""

    text: str  # of one or more lines
    strong: bool = False
    flawed: bool = False  # has errors


@dataclass
class Paragraph:
    text: str
    warning: bool = False


@dataclass
class Points:
    items: list[str]


@dataclass
class Table:
    """The first column names the rows."""

    head: list[str]
    rows: list[list[Text]]
    notes: list[str] = field(default_factory=list)


@dataclass
class Chart:
    file: str
    title: str
    svg: object
    caption: str = ""


@dataclass
class Section:
    title: str
    blocks: list


def sections(results, charts):
    """The report, of results and their charts (as charts.all_charts gives them)."""
    rows = figures.rows(results)
    drawn = {name: Chart(name, title, svg, _caption(results, name)) for name, title, svg in charts}
    report = [Section(title(results), _opening(results))]
    report.append(Section("What each costs", _comparison(results, rows)))
    for kind, heading in (
        ("start", "Start"),
        ("memory", "Memory"),
        ("cpu", "CPU"),
        ("throughput", "Throughput"),
    ):
        names = [f"{kind}.svg"] + (["memory-over-time.svg"] if kind == "memory" else [])
        blocks = [drawn[name] for name in names if name in drawn]
        if blocks:
            report.append(Section(heading, blocks))
    report.append(Section("Latency", _latency(results, rows, drawn)))
    report.append(Section("Figures published before", _published(results, rows)))
    report.append(Section("The machine", [_machine(results)]))
    report.append(Section("How it was measured", [Points(method.lines(results))]))
    return [section for section in report if section.blocks]


def title(results):
    return "Vitrine's bench: " + ", ".join(target.label for target in results.targets.values())


def _opening(results):
    ran = min(len(results.order), results.rounds)
    blocks = [
        Paragraph(
            f"Commit {results.commit}, {results.date}, {ran} of {results.rounds} rounds. Figures are medians"
            + (", with 95 % intervals in parentheses. " if _intervals(results) else ". ")
            + "All raw samples are in results.json, beside this page."
        )
    ]
    if not results.complete:
        blocks.append(
            Paragraph("Interrupted: this run did not come to its end. What it had measured is here.", True)
        )
    if results.quick:
        blocks.append(
            Paragraph("A quick run: to see that everything works, not to draw conclusions from.", True)
        )
    for target in results.targets.values():
        if target.emulated:
            blocks.append(
                Paragraph(
                    f"{target.label}: the guest's processor is emulated, without KVM. Its figures "
                    "say what emulation costs, not what a VM does. They are not compared with others.",
                    True,
                )
            )
    return blocks


def _intervals(results):
    """Whether there may be any."""
    return len(results.order) >= stats.LEAST_ROUNDS


def _caption(results, name):
    if name.startswith("latency-"):
        return "Thin: each round. The further right, the rarer; 99.9 % is the slowest of 1,000 requests."
    if name == "memory-over-time.svg":
        return ""
    caption = "Bars: medians." + (" Lines on them: 95 % intervals." if _intervals(results) else "")
    if any(target.emulated for target in results.targets.values()):
        caption += " Pale: emulated, not to be compared; » a bar that goes beyond the scale of the others."
    return caption


# ---- comparison ----


def _comparison(results, rows):
    shown = [row for row in rows if row.kind != "latency"]
    shown += [row for row in rows if row.kind == "latency" and row.key.endswith((".p50", ".p99"))]
    if not shown:
        return [Paragraph("Nothing was measured.", True)]
    return [figure_table(results, shown)] + [
        Points([f"{target.label}: {target.description}" for target in results.targets.values()])
    ]


TITLES = {
    "start": "Start",
    "memory": "Memory",
    "cpu": "CPU per 1,000 requests",
    "throughput": "Throughput",
    "latency": "Latency",
}


def figure_table(results, rows, named=None):
    """Rows by targets; behind each target that may be compared with the host, its ratio to it. What different
    accounts say of one thing stands in one row.
    """
    targets = results.targets
    ratios = [name for name in targets if name != figures.BASE and figures.comparable(name, targets)]
    head = [""]
    for name, target in targets.items():
        head.append(target.label)
        if name in ratios:
            head.append(f"{target.label} / {targets[figures.BASE].label}")
    table = Table(head, [])
    for together in _together(rows):
        label = named(together[0]) if named else f"{TITLES[together[0].kind]}: {together[0].name}"
        line = [Text(label)]
        for name in targets:
            line.append(_figures(together, name))
            if name in ratios:
                line.append(_ratio(together, name, targets))
        table.rows.append(line)
        # What failed, failed for all percentiles of it.
        failures = _failures(together, _measure(label), targets)
        table.notes += [note for note in failures if note not in table.notes]
    if figures.BASE in targets:
        table.notes += [f"{target.label}: {EMULATED}." for target in targets.values() if target.emulated]
    if ratios:
        table.notes.append("Ratios in bold: their interval leaves out 1.")
    return table


def _measure(label):
    """A label without its percentile."""
    what, _, percentile = label.rpartition(", ")
    return what if percentile in dict(figures.PERCENTILES) else label


def _together(rows):
    """Rows of one measure by different accounts, in one list."""
    lists = {}
    for row in rows:
        lists.setdefault((row.kind, row.name), []).append(row)
    return list(lists.values())


def _figures(rows, target):
    lines, flawed = [], False
    for row in rows:
        cell = row.cells.get(target)
        if cell is not None:
            by = f", {figures.SOURCE_NAMES[cell.source]}" if row.by_account and cell.source else ""
            lines.append(units.estimate_text(cell.estimate, row.unit) + by + (" !" if cell.errors else ""))
            flawed = flawed or cell.errors > 0
    return Text("\n".join(lines) or NONE, flawed=flawed)


def _ratio(rows, target, targets):
    for row in rows:
        ratio = row.ratio(target, targets)
        if ratio is not None:
            by = f", {figures.SOURCE_NAMES[row.account]}" if row.account else ""
            return Text(units.ratio_text(ratio) + by, ratio.excludes(1))
    return Text(NONE)


def _failures(rows, label, targets):
    return [
        f"! {label}, {targets[name].label}: {cell.errors:,} requests failed while this was measured."
        for row in rows
        for name, cell in row.cells.items()
        if cell.errors
    ]


# ---- latency ----


def _latency(results, rows, drawn):
    blocks = []
    for workload in WORKLOADS:
        shown = [row for row in rows if row.key.startswith(f"latency.{workload}.")]
        if not shown:
            continue
        table = figure_table(results, shown, named=lambda row: row.name)
        table.notes.append(_rates(results, workload))
        blocks += [Paragraph(f"{workload.capitalize()}, at a fixed rate:"), table]
        if f"latency-{workload}.svg" in drawn:
            blocks.append(drawn[f"latency-{workload}.svg"])
    return blocks


def _rates(results, workload):
    parts = []
    for name, target in results.targets.items():
        records = figures.latencies(results, name, workload)
        if records:
            rates = sorted({record.rate for record in records})
            said = " and ".join(f"{rate:g}" for rate in rates)
            requests = sum(record.requests for record in records)
            parts.append(f"{target.label} {said}/s, {requests:,} requests in all")
    return "Rates: " + "; ".join(parts) + "."


# ---- published figures ----


def _published(results, rows):
    """Theirs beside ours, of the targets that they had."""
    by_key = {row.key: row for row in rows}
    names = [name for name in ("container", "vm") if name in results.targets]
    if not names:
        return []
    head = [""]
    for name in names:
        head += [f"{'container' if name == 'container' else 'VM'}, published", f"{results.targets[name].label}, here"]
    table = Table(head, [])
    for line in PUBLISHED:
        cells = [Text(line.what)]
        for name in names:
            cells.append(Text(line.figures.get(name, NONE)))
            cells.append(_ours(by_key, line, name))
        table.rows.append(cells)
    return [
        Paragraph(
            "The gallery that this one grew from, a Flask application, had these figures published: one run each, "
            "by hand, and it is not said how. Machines differ, and so do galleries and methods; they are not "
            "compared, and no ratio is given.",
        ),
        table,
    ]


def _ours(by_key, line, target):
    for key in line.ours.get(target, ()):
        row = by_key.get(key)
        if row and target in row.cells:
            cell = row.cells[target]
            flaw = " !" if cell.errors else ""
            text = f"{units.estimate_text(cell.estimate, row.unit)}, {row.name}{flaw}"
            return Text(text, flawed=bool(cell.errors))
    return Text(NONE)


# ---- machine ----


def _machine(results):
    machine = results.machine
    lines = [
        ("processor", f"{machine.cpus} × {machine.cpu}"),
        ("memory", f"{machine.memory_kb * 1024 / 1e9:.1f} GB"),
        ("kernel", machine.kernel),
        ("system", machine.system),
        ("frequency governor", machine.governor or "none to be seen"),
        ("TCP congestion control", machine.congestion_control or "unknown"),
        ("virtualisation", machine.virtualisation or "none"),
        ("load before the start", ", ".join(f"{load:.2f}" for load in machine.load_before)),
    ]
    if machine.others_percent is not None:
        lines.append(("taken by other programs before", f"{machine.others_percent:.1f} % of the processors"))
    lines += [(name, version) for name, version in machine.versions.items()]
    return Table(["", "of this run"], [[Text(name), Text(text)] for name, text in lines])
