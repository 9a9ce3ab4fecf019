#!/bin/sh
# The bench's statistics, results, report and comparison, on figures with known results; nothing is measured here.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

command -v gnuplot >/dev/null || bail_skip 'gnuplot is not installed'
/usr/bin/python3 -c 'import numpy, scipy.special' 2>/dev/null ||
  bail_skip "NumPy or SciPy of the system's Python is not installed"

# The sources may be read-only, so Python must not write bytecode there.
PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=${srcdir:-.}/bench:${srcdir:-.}/tests/bench
export PYTHONDONTWRITEBYTECODE PYTHONPATH
exec /usr/bin/python3 "${srcdir:-.}/tests/bench/tap.py" check_stats check_speed check_results check_report check_compare
