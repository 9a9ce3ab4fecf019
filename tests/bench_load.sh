#!/bin/sh
# The bench's load generator against servers with known faults; the parsers of other tools' output, on recorded output; the
# progress that it prints; and what it reads of processes.
# shellcheck source=tests/tap.sh
. "${srcdir:-.}/tests/tap.sh"

VITRINE_TEST_LOAD=${VITRINE_TEST_BUILD:-build/tests}/../bench/load_at_rate
[ -x "$VITRINE_TEST_LOAD" ] || bail_skip 'load_at_rate was not built: libcurl is not installed'
/usr/bin/python3 -c 'import numpy' 2>/dev/null || bail_skip "NumPy of the system's Python is not installed"

PYTHONDONTWRITEBYTECODE=1
PYTHONPATH=${srcdir:-.}/bench:${srcdir:-.}/tests/bench
export VITRINE_TEST_LOAD PYTHONDONTWRITEBYTECODE PYTHONPATH
exec /usr/bin/python3 "${srcdir:-.}/tests/bench/tap.py" check_tools check_load check_progress check_processes check_vm
