"""How long a start takes: from a command to the first HTTP 200 of /healthz, asked for every 5 ms.

    python3 -m vitrine_bench.health [--after] URL COMMAND...

runs the command to its end, prints the milliseconds, and leaves what it has started. With --after, the question is not
put before the command has returned.
"""

import socket
import subprocess
import sys
import time
from urllib.parse import urlsplit

PERIOD = 0.005
PATIENCE = 300.0
CONNECT = 0.1  # a machine that is not up yet drops packets; the next try is a new one
ANSWER = 5.0


class NoAnswer(Exception):
    """The gallery has not answered 200 in time, or the program that should start it has ended."""


def is_answered(address, host):
    """Whether /healthz is 200, asked once on its own connection and without a process, which would distort the time."""
    try:
        with socket.create_connection(address, timeout=CONNECT) as connection:
            connection.settimeout(ANSWER)
            connection.sendall(f"GET /healthz HTTP/1.0\r\nHost: {host}\r\n\r\n".encode())
            answer = b""
            while len(answer) < 12:
                piece = connection.recv(4096)
                if not piece:
                    return False
                answer += piece
            return answer.split(b" ", 2)[1][:3] == b"200"
    except (OSError, IndexError):
        return False


def wait(url, began, has_failed=lambda: False, patience=PATIENCE):
    """The milliseconds from began, a time.monotonic(), to the first 200. Raises NoAnswer if there is none.

    has_failed() says that waiting is useless.
    """
    parts = urlsplit(url)
    address = (parts.hostname, parts.port or 80)
    due = time.monotonic()
    while not is_answered(address, parts.netloc):
        if has_failed():
            raise NoAnswer(f"{url}: what should start it has ended")
        if time.monotonic() - began > patience:
            raise NoAnswer(f"{url}: no answer in {patience:.0f} s")
        due = max(due + PERIOD, time.monotonic())
        time.sleep(max(0.0, due - time.monotonic()))
    return (time.monotonic() - began) * 1e3


def main(arguments):
    after = arguments[:1] == ["--after"]
    url, *command = arguments[1:] if after else arguments
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=sys.stderr)
    if after and process.wait() != 0:
        raise NoAnswer(f"{command[0]} failed")
    took = wait(url, began, lambda: process.poll() not in (None, 0))
    if process.wait() != 0:
        raise NoAnswer(f"{command[0]} failed")
    print(round(took))


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except (NoAnswer, OSError) as error:
        sys.exit(f"start: {error}")
    except ValueError:
        sys.exit("usage: health [--after] URL COMMAND...")
