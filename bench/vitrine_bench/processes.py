"""Trees of processes, their memory and time by /proc; and programs that the bench runs and ends."""

import os
import signal
import subprocess
import tempfile
import time

PIPE = subprocess.PIPE
TICKS = os.sysconf("SC_CLK_TCK")
SCRATCH_SECONDS = 40


class Failed(Exception):
    """A program that the bench needs has failed; the text contains its message."""


# ---- /proc ----


def _stat(pid):
    """The fields of /proc/PID/stat behind the name, from the state on; None where the process has ended."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as file:
            return file.read().rpartition(")")[2].split()
    except OSError:
        return None


def tree(root):
    """root and all that descend from it, by process id."""
    children = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := _stat(entry)):
            children.setdefault(int(fields[1]), []).append(int(entry))
    found, ahead = [], [root]
    while ahead:
        pid = ahead.pop()
        found.append(pid)
        ahead += children.get(pid, [])
    return found


def pss(pids):
    """Bytes of memory, with their part of what they share. 0 for those that have ended."""
    total = 0
    for pid in pids:
        try:
            with open(f"/proc/{pid}/smaps_rollup", encoding="ascii") as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            continue
    return total * 1024


def cpu_seconds(pids):
    """Time on the processor, in user and system mode, theirs and that of children that have ended."""
    ticks = 0
    for pid in pids:
        if fields := _stat(pid):
            ticks += sum(int(field) for field in fields[11:15])
    return ticks / TICKS


def _command_lines():
    """Of all processes: (process id, arguments)."""
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            with open(f"/proc/{entry}/cmdline", encoding="utf-8", errors="replace") as file:
                yield int(entry), file.read().split("\0")
        except OSError:
            continue


def find_all(program, *words):
    """Process ids of a program by its file's name, with arguments that begin with each of these words."""
    return [
        pid
        for pid, arguments in _command_lines()
        if os.path.basename(arguments[0]) == program
        and all(any(argument.startswith(word) for argument in arguments) for word in words)
    ]


def find_by_argument(beginning):
    """The process with an argument that begins so, or None."""
    for pid, arguments in _command_lines():
        if any(argument.startswith(beginning) for argument in arguments):
            return pid
    return None


# ---- programs ----


def spawn(command, **options):
    """Starts a program in a session of its own, so that Ctrl-C reaches the bench alone; the kernel ends it should
    the bench be killed."""
    options = {"stdin": subprocess.DEVNULL} | options
    return subprocess.Popen(["setpriv", "--pdeathsig", "TERM", *command], start_new_session=True, **options)


def run(command, env=None, cwd=None):
    """Runs a program, and gives its standard output. Failed where it fails; it is ended where the bench is.

    The output goes through files: a program may leave a daemon behind that keeps it open.
    """
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        process = spawn(command, stdout=out, stderr=err, env=env, cwd=cwd)
        try:
            process.wait()
        finally:
            end(process)
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read())
    if process.returncode != 0:
        raise Failed(f"{' '.join(command[:3])} failed: {(said[1] or said[0]).strip()[-800:]}")
    return said[0]


def answers(command, env=None):
    """Whether a program is there and succeeds."""
    try:
        run(command, env=env)
    except (Failed, FileNotFoundError):
        return False
    return True


def end(process, patience=SCRATCH_SECONDS):
    """Ends what spawn() has started, as an operator would; by force, with all of its tree, where it does not end."""
    if process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        for pid in tree(process.pid):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        process.wait()


def wait_until(condition, patience, what):
    """Asks every 50 ms. Failed, with what, where it does not come true."""
    until = time.monotonic() + patience
    while not condition():
        if time.monotonic() > until:
            raise Failed(what)
        time.sleep(0.05)
