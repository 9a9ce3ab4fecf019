"""Formats figures for readers: three digits, or all digits of a whole number, and a suitable unit."""

# Of a unit, the steps it is shown in: from how much on, divided by what, called what.
STEPS = {
    "ms": ((1000, 1000, "s"), (0, 1, "ms")),
    "bytes": ((1e9, 1e9, "GB"), (0, 1e6, "MB")),
    "s/1000": ((1, 1, "s"), (0, 1e-3, "ms")),
    "1/s": ((0, 1, "/s"),),
}


def figure(value):
    """Three significant digits: 0.0123, 1.23, 12.3, 123, 12,345."""
    size = abs(value)
    for least, digits in ((99.95, 0), (9.995, 1), (0.9995, 2), (0.09995, 3)):
        if size >= least:
            return f"{value:,.{digits}f}"
    return f"{value:.3g}"


def step(unit, value):
    """(divisor, name) of the step that value is shown in."""
    for least, divisor, name in STEPS[unit]:
        if value >= least:
            return divisor, name
    raise ValueError(f"below nothing: {value} {unit}")


def estimate_text(estimate, unit):
    """312 ms (301–325); without the interval where there is none."""
    divisor, name = step(unit, estimate.value)
    text = f"{figure(estimate.value / divisor)} {name}"
    if estimate.low is None:
        return text
    return f"{text} ({figure(estimate.low / divisor)}–{figure(estimate.high / divisor)})"


def value_text(value, unit):
    divisor, name = step(unit, value)
    return f"{figure(value / divisor)} {name}"


def ratio_text(ratio):
    """× 1.32 (1.28–1.37)."""
    if ratio is None:
        return "–"
    text = f"× {figure(ratio.value)}"
    if ratio.low is None:
        return text
    return f"{text} ({figure(ratio.low)}–{figure(ratio.high)})"
