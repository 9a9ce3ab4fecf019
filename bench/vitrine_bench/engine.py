"""A Docker engine: the one that answers, or one that the bench starts, as tests/container.sh does."""

import os
import shutil

from vitrine_bench import processes, targets, tools

FORWARDING = "/proc/sys/net/ipv4/ip_forward"
PATIENCE = 60


class Engine:
    """environment is for docker and Compose. close() takes back what an engine of the bench's own has changed."""

    def __init__(self, folder, work):
        """folder keeps images and containers from run to run; work is for its sockets."""
        self.environment = dict(os.environ)
        self._folder = folder
        self._work = os.path.join(work, "engine")
        self._process = None
        self._tables = self._forwarding = None
        if not shutil.which("docker"):
            raise targets.Unavailable("docker is not installed")
        if not self._answers():
            self._check_startable()

    def _answers(self):
        return processes.answers(["docker", "version"], self.environment)

    @staticmethod
    def _check_startable():
        if os.geteuid() != 0:
            raise targets.Unavailable("no Docker engine answers, and only root can start one")
        if not shutil.which("dockerd"):
            raise targets.Unavailable("no Docker engine answers, and dockerd is not installed")
        if processes.find_all("dockerd"):
            raise targets.Unavailable("a dockerd runs that does not answer; another one would be in its way")

    @property
    def is_own(self):
        return self._process is not None

    def open(self):
        if self._answers():
            return
        self._check_startable()
        os.makedirs(self._work, exist_ok=True)
        self._tables = processes.run(["iptables-save"])
        with open(FORWARDING, encoding="ascii") as file:
            self._forwarding = file.read()
        socket = f"unix://{self._work}/docker.sock"
        self.environment["DOCKER_HOST"] = socket
        command = ["dockerd", "--host", socket, "--data-root", self._folder, "--exec-root", f"{self._work}/run"]
        with open(os.path.join(self._work, "log"), "wb") as log:
            self._process = processes.spawn(
                [*command, "--pidfile", f"{self._work}/docker.pid"], stdout=log, stderr=log
            )
        self._wait_for_answer()
        # A killed run leaves its containers behind, and an engine starts them again.
        for container in self.docker("ps", "-aq").split():
            self.docker("rm", "-f", container)

    def _wait_for_answer(self):
        def settled():
            return self._answers() or self._process.poll() is not None

        processes.wait_until(settled, PATIENCE, "dockerd does not start")
        if self._process.poll() is not None:
            with open(os.path.join(self._work, "log"), encoding="utf-8", errors="replace") as log:
                raise processes.Failed(f"dockerd does not start: {log.read()[-500:]}")

    def docker(self, *arguments):
        return processes.run(["docker", *arguments], env=self.environment)

    def versions(self):
        return tools.parse_docker_version(self.docker("version", "--format", "{{json .}}"))

    def has_image(self, image):
        return processes.answers(["docker", "image", "inspect", image], self.environment)

    def close(self):
        """What dockerd does not take back by itself: its bridge, and what it has changed in the kernel."""
        if not self.is_own:
            return
        processes.end(self._process)
        self._process = None
        if processes.find_all("dockerd"):
            return  # somebody else's has come meanwhile, and needs both
        processes.answers(["ip", "link", "delete", "docker0"])
        tables = os.path.join(self._work, "iptables")
        with open(tables, "w", encoding="utf-8") as file:
            file.write(self._tables)
        processes.run(["iptables-restore", tables])
        with open(FORWARDING, "w", encoding="ascii") as file:
            file.write(self._forwarding)
