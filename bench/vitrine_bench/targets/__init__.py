"""What the bench measures: a gallery that it starts and stops, and whose memory and processor it can tell."""

import secrets
import socket


class Unavailable(Exception):
    """This machine cannot run the target; the message says why."""


class Target:
    """One target. The order of calls: prepare(), then start() and stop() any number of times, close() in the
    end, whatever has happened before.

    url is where it answers, from prepare() on. memory() and cpu() are of the running gallery, by source (see
    results.SOURCES): bytes, and seconds since some moment.
    """

    name = ""
    label = ""
    accelerator = None
    description = ""
    can_start = True
    start_seconds = 1.0  # about, for the time that is left
    prepare_seconds = 5.0

    def __init__(self, bench):
        self.bench = bench
        self.url = None

    def prepare(self):
        """Makes what a start takes for granted. Unavailable where that cannot be had."""

    def start(self):
        """Starts it, and gives the milliseconds to the first answer. health.NoAnswer where there is none."""
        raise NotImplementedError

    def stop(self):
        """Ends it, as an operator would; nothing where it does not run."""

    def close(self):
        """Takes back all of it."""

    def memory(self):
        return {}

    def cpu(self):
        return {}


def free_port():
    """One of 127.0.0.1 that nobody listens on, below those that the kernel gives to clients."""
    while True:
        port = 20000 + secrets.randbelow(12000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                continue


def settings(bench):
    """The environment of a gallery under measurement: no settings of the caller's."""
    kept = {name: value for name, value in bench.environment.items() if not name.startswith("VITRINE_")}
    return kept | {"VITRINE_TOKEN": bench.token, "VITRINE_UPLOADS_PER_MINUTE": "0"}
