"""Vagrant and libvirt, as in tests/vm.sh: a box, a libvirtd, and the bench's own machine."""

import hashlib
import os
import shutil

from vitrine_bench import machine, processes, targets

BOX = "debian/bookworm64"
SOURCES = "/etc/apt/sources.list.d/debian.sources"
BOX_PACKAGES = ("npm",)  # on an emulated machine, it alone takes five minutes to install


class Vagrant:
    """environment is what vagrant is run with; checkout its folder, a copy of the sources, whose name is the
    machine's."""

    def __init__(self, bench, folder):
        """folder keeps a box that was made, and what a libvirtd of the bench's own has."""
        for tool in ("vagrant", "virsh"):
            if not shutil.which(tool):
                raise targets.Unavailable(f"{tool} is not installed: provision/packages lists what a VM needs")
        self._bench = bench
        self._folder = folder
        self._libvirt = os.path.join(folder, "libvirt")
        self._opened = self._up = False
        self.checkout = os.path.join(bench.work, "vitrine-bench-" + bench.token[:6])
        self.domain = os.path.basename(self.checkout) + "_default"
        self.environment = targets.settings(bench) | {
            "VAGRANT_DOTFILE_PATH": os.path.join(bench.work, "machine"),
            "VAGRANT_CHECKPOINT_DISABLE": "1",
            "LIBVIRT_DEFAULT_URI": "qemu:///system",
            "VITRINE_VM_DRIVER": bench.environment.get("VITRINE_VM_DRIVER") or _driver(),
            "VITRINE_VM_CPUS": bench.environment.get("VITRINE_VM_CPUS") or "2",
            "VITRINE_VM_MEMORY": bench.environment.get("VITRINE_VM_MEMORY") or "1024",
            "VITRINE_VM_PORT": str(targets.free_port()),
        }
        self._wanted = bench.environment.get("VITRINE_VM_BOX") or BOX
        self._has_box = self._lists(self._wanted)
        if os.geteuid() != 0:
            if not self._has_box:
                raise targets.Unavailable(f"there is no box {self._wanted}, and only root can make one")
            if not processes.answers(["virsh", "-q", "connect"], self.environment):
                raise targets.Unavailable("no libvirtd answers, and only root can start one")

    @property
    def size(self):
        return f"{self.environment['VITRINE_VM_CPUS']} processors, {self.environment['VITRINE_VM_MEMORY']} MB"

    def _lists(self, box):
        listed = processes.run(["vagrant", "box", "list"], env=self.environment, cwd=self._bench.work)
        return any(line.split(" ")[0] == box for line in listed.splitlines())

    # ---- box, libvirtd, sources ----

    def open(self):
        os.makedirs(self._folder, exist_ok=True)
        self._opened = True
        processes.run([os.path.join(self._bench.top, "tests/vm/libvirt"), "start", self._libvirt])
        if not self._has_box:
            self._use_own_box()
        self.environment["VITRINE_VM_BOX"] = self._wanted
        self._copy_sources()

    def _use_own_box(self):
        """One from Debian's packages, where no catalogue has been asked; the one that tests/vm.sh keeps will do."""
        self.environment["VAGRANT_HOME"] = os.path.join(self._folder, "home")
        parts = [*(package.encode() + b"\n" for package in BOX_PACKAGES)]
        for path in (os.path.join(self._bench.top, "provision/box"), SOURCES, os.environ.get("NODE_EXTRA_CA_CERTS")):
            if path and os.path.exists(path):
                with open(path, "rb") as file:
                    parts.append(file.read())
        parts.append(processes.run(["apt-config", "dump", "Acquire"]).encode())
        self._wanted = "vitrine-" + hashlib.sha256(b"".join(parts)).hexdigest()[:12]
        if not self._lists(self._wanted):
            made = os.path.join(self._bench.work, "debian.box")
            processes.run([os.path.join(self._bench.top, "provision/box"), made, *BOX_PACKAGES])
            add = ["vagrant", "box", "add", "--name", self._wanted, made]
            processes.run(add, env=self.environment, cwd=self._bench.work)
            os.unlink(made)

    def _copy_sources(self):
        """What git knows, and what is not committed yet."""
        os.mkdir(self.checkout)
        names = processes.run(["git", "-C", self._bench.top, "ls-files", "-co", "--exclude-standard", "-z"])
        for name in names.split("\0"):
            source, copy = os.path.join(self._bench.top, name), os.path.join(self.checkout, name)
            if name and os.path.isfile(source):
                os.makedirs(os.path.dirname(copy), exist_ok=True)
                shutil.copy2(source, copy)

    # ---- the machine ----

    def run(self, *arguments):
        return processes.run(["vagrant", *arguments], env=self.environment, cwd=self.checkout)

    def spawn(self, *arguments, **options):
        return processes.spawn(["vagrant", *arguments], env=self.environment, cwd=self.checkout, **options)

    def up(self):
        self._up = True
        self.run("up", "--provider=libvirt")

    def virsh(self, *arguments):
        return processes.run(["virsh", "-q", *arguments], env=self.environment)

    def close(self):
        try:
            if self._up:
                self.run("destroy", "-f")
        finally:
            if self._opened:
                processes.run([os.path.join(self._bench.top, "tests/vm/libvirt"), "stop", self._libvirt])


def _driver():
    """A guest within a guest or a container may find a /dev/kvm that does not run it: VITRINE_VM_DRIVER=kvm says that
    it does."""
    return "qemu" if machine.virtualisation() or machine.is_container() or not os.path.exists("/dev/kvm") else "kvm"
