"""Runs ab, wrk and load_at_rate against a gallery."""

import os
import secrets

from vitrine_bench import processes, tools

LUA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "load.lua")
PATIENCE = 30  # seconds that a request may take


def mark():
    """Eight characters that no run before has had."""
    return secrets.token_hex(4)


class Load:
    def __init__(self, generator):
        """generator is the path of load_at_rate."""
        self._generator = generator

    def start_at_rate(self, url, files, rate, seconds):
        """load_at_rate in the background; finish() takes its report."""
        command = [self._generator, "--url", url, "--requests", files.lines, "--rate", str(rate)]
        command += ["--seconds", str(seconds), "--timeout", str(PATIENCE), "--mark", mark()]
        return processes.spawn(command, stdout=processes.PIPE, stderr=processes.PIPE, text=True)

    @staticmethod
    def finish(process):
        out, err = process.communicate()
        if process.returncode != 0:
            raise processes.Failed(f"load_at_rate: {err.strip() or process.returncode}")
        return tools.parse_load(out)

    def at_rate(self, url, files, rate, seconds):
        process = self.start_at_rate(url, files, rate, seconds)
        try:
            return self.finish(process)
        finally:
            processes.end(process)

    @staticmethod
    def wrk(url, files, seconds, connections):
        """A closed loop: each connection asks again as soon as it is answered."""
        threads = min(2, connections)
        command = ["wrk", "-t", str(threads), "-c", str(connections), "-d", f"{seconds}s", "--timeout", f"{PATIENCE}s"]
        return tools.parse_wrk(processes.run([*command, "-s", LUA, url, "--", files.lua, mark()]))

    @staticmethod
    def ab(url, seconds, connections):
        """The same by ab, of one URL: the listing's first page."""
        command = ["ab", "-q", "-k", "-l", "-c", str(connections), "-t", str(seconds), "-n", "10000000"]
        command += ["-s", str(PATIENCE)]
        return tools.parse_ab(processes.run([*command, "-H", "Accept: application/json", url + "/api/images"]))
