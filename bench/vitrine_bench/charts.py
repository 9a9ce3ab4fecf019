"""The report's charts, each as (file's name, title, SVG element)."""

import math

from vitrine_bench import figures, gnuplot, stats, units
from vitrine_bench.gnuplot import BOLD, INK, block, quoted
from vitrine_bench.results import WORKLOADS

# Of middling lightness, at least 3:1 against white and against GitHub's dark.
COLOURS = {"host": "#3b82c4", "container": "#c96a10", "vm": "#1f9363", "url": "#9a5fc9"}
OTHER_COLOUR = "#808080"
WIDTH = 840
KINDS = {
    "start": "Start, to the first answer of the health check",
    "memory": "Memory",
    "cpu": "CPU time per 1,000 requests",
    "throughput": "Throughput, closed loop",
}

# Of a chart of bars, in pixels: a bar, a panel's heading, a letter, the figures at the right of a bar.
BAR = 24
HEADING = 30
LETTER = 7
LONGEST = 48  # letters of a name; gnuplot itself has little more room
FIGURES = 210
# Points of a latency curve.
POINTS = 160
# A series of points spans this much before its axis is logarithmic.
WIDE = 20


def all_charts(results, rows):
    """All charts for which there are figures."""
    drawn = []
    for kind, title in KINDS.items():
        chosen = [row for row in rows if row.kind == kind]
        if chosen:
            drawn.append((f"{kind}.svg", title, _bars(results, chosen, title)))
    for workload in WORKLOADS:
        if any(figures.latencies(results, target, workload) for target in results.targets):
            title = f"Latency by percentile, {workload}"
            drawn.append((f"latency-{workload}.svg", title, _latency(results, workload, title)))
    if results.memory:
        title = "Memory over a round"
        drawn.append(("memory-over-time.svg", title, _memory(results, title)))
    return drawn


def colour(target):
    return COLOURS.get(target, OTHER_COLOUR)


# ---- bars ----


def _bars(results, rows, title):
    """A panel for each row name, a bar for each figure, with its interval. A panel's scale is that of what may be
    compared; a bar that is emulated and longer is cut off there, and says so.
    """
    scales = _scales(results, rows)
    script, fills, whiskers, names = [], {}, [], []
    y = 0.0
    for heading, bars in _panels(results, rows):
        script.append(_label(heading, "character 0.5", y, f"font 'system-ui{BOLD},13'"))
        y += HEADING / BAR
        for row, target, name in bars:
            cell = row.cells[target]
            scale = scales[row.group]
            length, text = _bar(cell.estimate, row.unit, scale, results.targets[target].emulated)
            if cell.errors:
                text += " !"
            fills.setdefault(target, []).append((0, y, 0, length, y - 0.36, y + 0.36))
            end = length
            if cell.estimate.low is not None and cell.estimate.value <= scale:
                low, high = (min(bound / scale, 1.02) for bound in (cell.estimate.low, cell.estimate.high))
                whiskers.append((length, y, low, high))
                end = max(end, high)
            script.append(_label(text, f"{end:.5g}", y, "offset 0.8,0"))
            names.append((name if len(name) <= LONGEST else name[: LONGEST - 1] + "…", y))
            y += 1
        y += 0.4
    script.append(_bars_frame(names, y))
    return gnuplot.draw(
        "".join(script) + _bars_plot(results, fills, whiskers), title, WIDTH, int(y * BAR + 8)
    )


def _panels(results, rows):
    """[(heading, [(row, target, name of the bar)])]: in a panel what one measure gave, each account's target by
    target; what another tool measured stands below.
    """
    order = list(results.targets)
    panels = {}
    for row in rows:
        heading, _, by = row.name.partition(", ")
        for target, cell in row.cells.items():
            name = results.targets[target].label
            if row.by_account and cell.source:
                name += f", {figures.SOURCE_NAMES[cell.source]}"
            elif by:
                name += f", {by}"
            panels.setdefault(heading, []).append((by, order.index(target), (row, target, name)))
    return [
        (heading, [bar for _, _, bar in sorted(bars, key=lambda bar: bar[:2])])
        for heading, bars in panels.items()
    ]


def _scales(results, rows):
    """Of each group of rows, the length of the longest bar: of those that may be compared, if there are any."""
    fair, all_of = {}, {}
    for row in rows:
        for target, cell in row.cells.items():
            reach = cell.estimate.value if cell.estimate.high is None else cell.estimate.high
            all_of[row.group] = max(all_of.get(row.group, 0), reach)
            if not results.targets[target].emulated:
                fair[row.group] = max(fair.get(row.group, 0), reach)
    return {group: fair.get(group) or reach or 1 for group, reach in all_of.items()}


def _bar(estimate, unit, scale, emulated):
    text = units.estimate_text(estimate, unit)
    if emulated and estimate.value > scale:
        return 1.02, f"» {text}"
    return estimate.value / scale, text


def _label(text, x, y, how):
    return f"set label {quoted(text)} at {x}, first {y:.5g} left {how} textcolor rgb '{INK}'\n"


def _bars_frame(names, bottom):
    left = 16 + LETTER * max(len(name) for name, _ in names)
    plot = WIDTH - left
    tics = ", ".join(f"{quoted(name.replace('%', '%%'))} {y:.4g}" for name, y in names)
    return (
        "unset key\nunset grid\nunset xtics\n"
        f"set border 2\nset lmargin at screen {left / WIDTH:.4f}\nset rmargin at screen 1\n"
        f"set tmargin 0.2\nset bmargin 0.2\nset ytics scale 0 ({tics})\n"
        f"set xrange [0:{plot / (plot - FIGURES):.4f}]\nset yrange [{bottom:.4f}:-0.6]\n"
    )


def _bars_plot(results, fills, whiskers):
    blocks, plots = [], []
    for number, (target, boxes) in enumerate(fills.items()):
        blocks.append(block(f"bars{number}", boxes))
        emulated = results.targets[target].emulated
        plots.append(
            f"$bars{number} with boxxyerror fillcolor rgb '{colour(target)}' "
            f"fillstyle {'transparent solid 0.25' if emulated else 'solid 1'} "
            f"border linecolor rgb '{colour(target)}' notitle"
        )
    if whiskers:
        blocks.append(block("whiskers", whiskers))
        plots.append(f"$whiskers with xerrorbars pointsize 0 linewidth 1.5 linecolor rgb '{INK}' notitle")
    return "".join(blocks) + "plot " + ", ".join(plots) + "\n"


# ---- curves ----


def _latency(results, workload, title):
    """The rounds of a target thinly, and all of them together. At x stands the part 1 - 1/x of requests, so that
    each nine of the percentile has the same width.
    """
    curves, furthest = [], 10.0
    for target, about in results.targets.items():
        records = figures.latencies(results, target, workload)
        if not records:
            continue
        together = _together([record.histogram for record in records])
        for record in records:
            curves.append(Curve(_percentiles(record.histogram), target, None, thin=True))
        dashed = 2 if about.emulated else 1
        curves.append(Curve(_percentiles(together), target, about.label, dash=dashed))
        furthest = max(furthest, curves[-1].points[-1][0])
    # Tics are formats: a percent sign is written twice.
    tics = ["'0 %%' 1", "'50 %%' 2", "'90 %%' 10"]
    nines = range(2, math.floor(math.log10(furthest)) + 1)
    tics += [f"'99{'.' * (nine > 2)}{'9' * (nine - 2)} %%' {10**nine}" for nine in nines]
    script = (
        f"set logscale x\nset xrange [1:{furthest:.6g}]\nset xtics ({', '.join(tics)})\n"
        f"set xlabel 'of all requests, at most' textcolor rgb '{INK}'\n"
        f"set logscale y\nset ylabel 'ms from the time a request was due' textcolor rgb '{INK}'\n"
        "set format y '%g'\nset mytics 10\nset key bottom right\n"
    )
    return gnuplot.draw(script + _curves_plot(curves), title, WIDTH, 380)


def _memory(results, title):
    """Each target's memory over its rounds, by each account."""
    series = {}
    for reading in results.memory:
        by_round = series.setdefault((reading.target, reading.source), {})
        by_round.setdefault(reading.round, []).append((reading.seconds, reading.bytes / 1e6))
    curves = []
    for (target, source), by_round in series.items():
        name = f"{results.targets[target].label}, {figures.SOURCE_NAMES[source]}"
        dash = {"hypervisor": 2, "guest": 4}.get(source, 1)
        for number, points in sorted(by_round.items()):
            last = number == max(by_round)
            curves.append(Curve(sorted(points), target, name if last else None, thin=not last, dash=dash))
    values = [y for curve in curves for _, y in curve.points if y > 0]
    script = (
        f"set xlabel 'seconds of a round; the last round is drawn in bold' textcolor rgb '{INK}'\n"
        f"set ylabel 'MB' textcolor rgb '{INK}'\nset xrange [0:*]\nset format y '%g'\n"
        "set key outside bottom center horizontal\nset bmargin 7\n"
    )
    wide = values and max(values) > WIDE * min(values)
    script += "set logscale y\n" if wide else "set yrange [0:*]\n"
    return gnuplot.draw(script + _curves_plot(curves), title, WIDTH, 380)


class Curve:
    """Points, and how they are drawn. One without a name is not in the key."""

    def __init__(self, points, target, name, thin=False, dash=1):
        self.points = points
        self.name = name
        shade = "#66" + colour(target)[1:] if thin else colour(target)
        self.look = f"linecolor rgb '{shade}' linewidth {0.8 if thin else 2} dashtype {dash}"


def _curves_plot(curves):
    blocks = [block(f"curve{number}", curve.points) for number, curve in enumerate(curves)]
    plots = [
        f"$curve{number} with lines {curve.look} {'title ' + quoted(curve.name) if curve.name else 'notitle'}"
        for number, curve in enumerate(curves)
    ]
    return "".join(blocks) + "plot " + ", ".join(plots) + "\n"


def _together(histograms):
    counts = {}
    for histogram in histograms:
        for upper, count in histogram:
            counts[upper] = counts.get(upper, 0) + count
    return sorted(counts.items())


def _percentiles(histogram):
    """[(1 / (1 - part), latency in ms)], to the greatest, whose part is taken half a request below 1."""
    total = sum(count for _, count in histogram)
    steps = [(2 * total) ** (number / (POINTS - 1)) for number in range(POINTS)]
    # A time of 0 has no place on a logarithmic axis.
    return [
        (step, max(stats.histogram_percentile(histogram, 100 * (1 - 1 / step)), 1e-3)) for step in steps
    ]
