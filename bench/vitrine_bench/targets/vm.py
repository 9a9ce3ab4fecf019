"""The gallery in a virtual machine, as the Vagrantfile runs it with libvirt. The bench uses the guest's own address,
because the port that Vagrant forwards goes through ssh, which is slower than what is to be measured."""

import contextlib
import os
import re
import subprocess
import threading
import time

from vitrine_bench import health, processes, targets, tools
from vitrine_bench.vagrant import Vagrant

ANSWER = "while read -r asked; do free -b; grep '^cpu ' /proc/stat; echo; done"
BOOT_SECONDS = 300


class Vm(targets.Target):
    name = "vm"
    label = "VM"
    start_seconds = 40
    prepare_seconds = 600

    def __init__(self, bench):
        super().__init__(bench)
        folder = bench.environment.get("VITRINE_TEST_VM", os.path.join(bench.build, "tests/vm-cache"))
        self._vagrant = Vagrant(bench, folder)
        self._asking = None
        self._lock = threading.Lock()  # memory is read while something else is measured
        self._hypervisor = None
        self._neighbour = None
        self._running = False

    def prepare(self):
        self._vagrant.open()
        self._vagrant.up()
        self._running = True
        xml = self._vagrant.virsh("dumpxml", self._vagrant.domain)
        self.accelerator = "kvm" if re.search(r"<domain [^>]*type='kvm'", xml) else "tcg"
        self.label = "VM (KVM)" if self.accelerator == "kvm" else "VM (emulated, no KVM)"
        self._ssh = os.path.join(self.bench.work, "ssh")
        with open(self._ssh, "w", encoding="utf-8") as file:
            file.write(self._vagrant.run("ssh-config"))
        with open(self._ssh, encoding="utf-8") as file:
            address = re.search(r"^\s*HostName (\S+)$", file.read(), re.MULTILINE).group(1)
        self._know(address, xml)
        self.url = f"http://{address}:8080"
        how = "" if self.accelerator == "kvm" else ", emulated by QEMU"
        self.description = f"Debian 12 by Vagrant and libvirt{how}, {self._vagrant.size}, at the guest's own address"
        self.stop()

    def _know(self, address, xml):
        """Tells the kernel the guest's hardware address. It would look for it once a second only, while the guest
        starts. Without root's powers a start seems longer by up to that."""
        hardware = re.search(r"<mac address='([^']+)'/>", xml)
        bridge = re.search(r"dev (\S+)", processes.run(["ip", "route", "get", address]))
        if os.geteuid() == 0 and hardware and bridge:
            self._neighbour = [address, "lladdr", hardware.group(1), "dev", bridge.group(1)]
            processes.run(["ip", "neigh", "replace", *self._neighbour, "nud", "permanent"])

    def start(self):
        began = time.monotonic()
        self._running = True
        booting = self._vagrant.spawn("up", "--no-provision", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            took = health.wait(self.url, began, lambda: booting.poll() not in (None, 0), BOOT_SECONDS)
            if booting.wait(BOOT_SECONDS) != 0:
                raise processes.Failed("vagrant up failed")
        finally:
            processes.end(booting)
        self._ask_guest()
        self._hypervisor = processes.find_by_argument(f"guest={self._vagrant.domain},")
        return took

    def stop(self):
        self._leave_guest()
        if self._running:
            self._vagrant.run("halt")
            self._running = False

    def close(self):
        self._leave_guest()
        if self._neighbour:
            processes.answers(["ip", "neigh", "del", *self._neighbour])
        self._vagrant.close()

    # ---- what it takes ----

    def _ask_guest(self):
        """One ssh for all questions: each one anew would cost the guest more than what it tells of."""
        command = ["ssh", "-T", "-F", self._ssh, "default", ANSWER]
        self._asking = processes.spawn(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def _leave_guest(self):
        if self._asking:
            processes.end(self._asking)
            for pipe in (self._asking.stdin, self._asking.stdout):
                with contextlib.suppress(OSError):
                    pipe.close()
            self._asking = None

    def _guest(self):
        """What it answers: free and the processor's line."""
        with self._lock:
            self._asking.stdin.write("\n")
            self._asking.stdin.flush()
            lines = []
            while (line := self._asking.stdout.readline()) not in ("", "\n"):
                lines.append(line)
        if not lines:
            raise processes.Failed("the guest does not answer")
        return "".join(lines)

    def memory(self):
        return {"guest": tools.parse_free(self._guest()), "hypervisor": processes.pss([self._hypervisor])}

    def cpu(self):
        busy, _ = tools.parse_processor_ticks(self._guest())
        return {"guest": busy / 100, "hypervisor": processes.cpu_seconds([self._hypervisor])}
