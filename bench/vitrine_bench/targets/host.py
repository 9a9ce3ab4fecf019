"""The gallery on the host itself: the staged installation's vitrine-serve, as `./run serve` starts it."""

import os
import pwd
import shutil
import time

from vitrine_bench import health, processes, targets

AS_WWW_DATA = ("setpriv", "--reuid", "www-data", "--regid", "www-data", "--init-groups")
# The second where the programs lie in root's own folder.
CAPABILITIES = ("-all", "-all,+dac_read_search")


class Host(targets.Target):
    name = "host"
    label = "host"
    description = "nginx and both pools, by vitrine-serve"
    start_seconds = 0.5

    def __init__(self, bench):
        super().__init__(bench)
        self._process = None
        self._data = os.path.join(bench.work, "host")

    def prepare(self):
        os.mkdir(self._data)
        # Nothing serves as root, as in ./run serve.
        self._user = []
        if os.geteuid() == 0:
            entry = pwd.getpwnam("www-data")
            os.chown(self._data, entry.pw_uid, entry.pw_gid)
            self._user = [*self._as_www_data(), "--pdeathsig", "TERM"]
        self._port = targets.free_port()
        self.url = f"http://127.0.0.1:{self._port}"

    def _as_www_data(self):
        for capabilities in CAPABILITIES:
            command = [*AS_WWW_DATA, "--inh-caps", capabilities, "--ambient-caps", capabilities]
            if processes.answers([*command, "test", "-x", self.bench.serve]):
                return command
        raise targets.Unavailable(f"www-data cannot reach {self.bench.serve}")

    def start(self):
        environment = targets.settings(self.bench) | {
            "VITRINE_ROOT": self.bench.stage,
            "VITRINE_DATA": self._data,
            "VITRINE_PORT": str(self._port),
        }
        with open(os.path.join(self.bench.work, "host.log"), "ab") as log:
            began = time.monotonic()
            # A change of user takes the kernel's promise back that spawn() has asked for; so it is asked for again.
            command = [*self._user, self.bench.serve]
            self._process = processes.spawn(command, stdout=log, stderr=log, env=environment)
        return health.wait(self.url, began, lambda: self._process.poll() is not None)

    def stop(self):
        if self._process:
            processes.end(self._process)
            self._process = None

    def close(self):
        self.stop()
        shutil.rmtree(self._data, ignore_errors=True)

    def _pids(self):
        return processes.tree(self._process.pid)

    def memory(self):
        return {"pss": processes.pss(self._pids())}

    def cpu(self):
        return {"processes": processes.cpu_seconds(self._pids())}
