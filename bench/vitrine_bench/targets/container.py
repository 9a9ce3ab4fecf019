"""The gallery in containers, as docker-compose.yml runs it, at its published port."""

import os
import shutil
import time

from vitrine_bench import cgroup, health, processes, targets, tools
from vitrine_bench.engine import Engine

PROJECT = "vitrine-bench"
TAG = "bench"
BASE = "debian:bookworm-slim"


class Container(targets.Target):
    name = "container"
    label = "containers"
    start_seconds = 4
    prepare_seconds = 120

    def __init__(self, bench):
        super().__init__(bench)
        folder = bench.environment.get("VITRINE_TEST_DOCKER", os.path.join(bench.build, "tests/docker"))
        self._engine = Engine(folder, bench.work)
        self._compose = self._find_compose()
        self._opened = self._made = False
        self._groups = []
        self._proxies = []
        self._environment = {}

    def _find_compose(self):
        if processes.answers(["docker", "compose", "version"], self._engine.environment):
            return ["docker", "compose"]
        if shutil.which("docker-compose"):
            return ["docker-compose"]
        raise targets.Unavailable("neither the Compose plugin nor docker-compose is installed")

    # ---- images ----

    def prepare(self):
        self._opened = True
        self._engine.open()
        self._port = targets.free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self._settings = os.path.join(self.bench.work, "container.env")
        with open(self._settings, "w", encoding="ascii"):
            pass  # in the place of an operator's .env
        self._environment = targets.settings(self.bench) | {
            name: value for name, value in self._engine.environment.items() if name.startswith("DOCKER_")
        }
        self._environment |= {"VITRINE_PORT": str(self._port), "VITRINE_TAG": TAG}
        self._get_base()
        self._run_compose("build")
        self._made = True
        versions = self._engine.versions()
        self.description = (
            f"two containers by Compose, dockerd {versions['dockerd']}, at the published port; their processor time "
            "includes docker-proxy's"
        )

    def _get_base(self):
        if self._engine.has_image(BASE) or processes.answers(["docker", "pull", BASE], self._engine.environment):
            return
        # No registry is reached: as the tests do.
        make = os.path.join(self.bench.top, "tests/container/make_base")
        processes.run([make, BASE], env=self._engine.environment)

    def _run_compose(self, *arguments):
        file = os.path.join(self.bench.top, "docker-compose.yml")
        command = [*self._compose, "-p", PROJECT, "-f", file, "--env-file", self._settings, *arguments]
        return processes.run(command, env=self._environment)

    # ---- running ----

    def start(self):
        """The port is not asked before the command has returned: the engine opens it before the container has its
        network, and the kernel looks for an address that was not there a second later only."""
        began = time.monotonic()
        self._run_compose("up", "-d", "--no-build")
        took = health.wait(self.url, began, patience=60)
        self._find_groups()
        return took

    def _find_groups(self):
        self._groups = []
        ids = self._run_compose("ps", "-q").split()
        for container, pid in tools.parse_docker_pids(self._engine.docker("inspect", *ids)).items():
            self._groups.append(cgroup.Cgroup(pid, container))
        self._proxies = processes.find_all("docker-proxy", str(self._port))

    def stop(self):
        if self._made:
            self._groups = []
            self._run_compose("down", "--timeout", "10")

    def close(self):
        try:
            if self._made:
                self._run_compose("down", "--volumes", "--timeout", "1")
        finally:
            if self._opened:
                self._engine.close()

    def memory(self):
        return {"cgroup": sum(group.memory() for group in self._groups)}

    def cpu(self):
        return {"cgroup": sum(group.cpu() for group in self._groups) + processes.cpu_seconds(self._proxies)}
