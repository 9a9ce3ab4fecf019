"""Runs the bench: rounds over the targets, and in each the starts, the loads, and their measurements."""

import datetime
import os
import time
from dataclasses import dataclass

from vitrine_bench import gallery, health, load, machine, photographs, processes, results, stats, targets, tools
from vitrine_bench import workloads
from vitrine_bench.sampler import Sampler

# The kernel lets go of the page cache where root asks for that.
DROP_CACHES = "/proc/sys/vm/drop_caches"
FAILURES = (processes.Failed, health.NoAnswer, gallery.Refused, tools.Unreadable, OSError)


@dataclass(frozen=True)
class Plan:
    """How much is measured. Rates are the same for all targets and runs, so that latencies can be compared. They are
    low enough for an emulated guest with two processors, whose uploads take 2.5 s of processor time each."""

    quick: bool
    rounds: int
    starts: int  # of each kind, cold and warm, over all rounds; at least
    images: int
    settle: float  # seconds without a request before memory counts as idle
    warm_up: float
    at_rate: float  # seconds of each load at a fixed rate
    closed: int  # seconds of each load by wrk and ab
    rates: tuple = (("browse", 200.0), ("listing", 200.0), ("upload", 0.5), ("mixed", 200.0))
    period: float = 0.5  # seconds between two readings of memory
    connections: int = 16
    uploaders: int = 4

    @property
    def starts_a_round(self):
        return -(-self.starts // self.rounds)


FULL = Plan(quick=False, rounds=5, starts=20, images=200, settle=5, warm_up=3, at_rate=20, closed=8)
QUICK = Plan(quick=True, rounds=2, starts=4, images=60, settle=1, warm_up=0.5, at_rate=2, closed=1)


class Runner:
    def __init__(self, bench, plan, chosen, progress):
        """chosen are the Targets, prepared by run()."""
        self.bench = bench
        self.plan = plan
        self.progress = progress
        self._load = load.Load(bench.generator)
        self._chosen = {target.name: target for target in chosen}
        self.failed = False  # something went wrong, and was said
        self._missed = False  # a round of a target could not be ended
        self._forms = None
        self._files = {}  # of each target, by workload
        self._word = "vitrinebench" + load.mark()  # in the name of all that is uploaded meanwhile
        self._cold = _can_drop_caches()
        self.results = results.Results(
            commit=machine.commit(bench.top),
            date=datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
            quick=plan.quick,
            complete=False,
            seed=1,
            rounds=plan.rounds,
            order=[],
            machine=machine.describe(),
            targets={},
        )

    # ---- all of it ----

    def run(self):
        """Fills self.results during the run, so that an interrupted run keeps what it has measured."""
        if not self._cold and any(target.can_start for target in self._chosen.values()):
            self.progress.say("the page cache cannot be dropped (only root can): starts are measured warm only")
        self._plan_steps()
        self._prepare()
        if not self._chosen:
            raise processes.Failed("no target is left to measure")
        for number, order in enumerate(stats.rotated(list(self._chosen), self.plan.rounds)):
            self.results.order.append([])
            for name in order:
                self.results.order[-1].append(name)
                self._round(self._chosen[name], number)
        self.results.complete = not self._missed
        self.progress.end()

    def close(self):
        """Closes all targets, the last one first, because the packet rules of an engine precede those of a guest."""
        for target in reversed(self._chosen.values()):
            self._take_back(target)

    def _take_back(self, target):
        try:
            target.close()
        except FAILURES as error:
            self.progress.say(f"{target.name} could not be taken back whole: {error}")
            self.failed = True

    def _uploads(self):
        """Whether photographs are uploaded: not to a gallery from which they could not be deleted."""
        return bool(self.bench.token) and self.bench.may_upload

    def _workloads(self):
        return [(name, rate) for name, rate in self.plan.rates if self._uploads() or name in ("browse", "listing")]

    def _plan_steps(self):
        for target in self._chosen.values():
            self.progress.plan((target.name, "prepare"), target.prepare_seconds)
        for target in list(self._chosen.values()) * self.plan.rounds:
            if target.can_start:
                number = (2 if self._cold else 1) * self.plan.starts_a_round
                self.progress.plan((target.name, "start"), number * 2 * target.start_seconds)
            self.progress.plan((target.name, "warm-up"), self.plan.settle + self.plan.warm_up + 1)
            for name, _ in self._workloads():
                self.progress.plan((target.name, name, "rate"), self.plan.at_rate + 0.5)
                times = 2 if name in ("listing", "upload") else 1
                self.progress.plan((target.name, name, "closed"), self.plan.closed * times + 0.5)

    # ---- before the rounds ----

    def _prepare(self):
        for target in list(self._chosen.values()):
            self.progress.begin((target.name, "prepare"), f"{target.label}: being made ready")
            try:
                target.prepare()
                if target.can_start:
                    target.start()
                self._fill(target)
                target.stop()
            except (targets.Unavailable, *FAILURES) as error:
                self.progress.say(f"{target.name} is left out: {error}")
                self._take_back(target)
                self.failed = True
                del self._chosen[target.name]
                self.progress.forget(target.name)
                continue
            described = results.Target(target.label, target.accelerator, target.description)
            self.results.targets[target.name] = described
        self.progress.end()

    def _fill(self, target):
        """Uploads the same images to each target, and writes the requests for them."""
        filled = gallery.Gallery(target.url, self.bench.token)
        if target.can_start:
            small = photographs.cut_small(self.bench.photographs)
            wanted = self.plan.images
            filled.fill(small, wanted, lambda done: self.progress.show(f"{done} images of {wanted}"))
        if self._uploads() and self._forms is None:
            large = photographs.cut_large(self.bench.photographs)
            self._forms = photographs.write_forms(large, self.bench.work, self._word + ".jpg")
        visit = workloads.browse(filled)
        if not filled.thumbnails(1):
            raise processes.Failed("the gallery is empty: there is nothing to look at")
        filled.look(visit)
        requests = {"browse": visit, "listing": workloads.listing()}
        if self._uploads():
            requests["upload"] = workloads.upload(self._forms, filled)
        self._files[target.name] = {
            name: workloads.write(some, self.bench.work, f"{target.name}-{name}") for name, some in requests.items()
        }

    # ---- a round of a target ----

    def _round(self, target, number):
        what = f"round {number + 1} of {self.plan.rounds}, {target.label}"
        sampler = None
        try:
            self._starts(target, number, what)
            sampler = Sampler(target, self.plan.period)
            sampler.start()
            self._warm_up(target, number, what)
            for name, rate in self._workloads():
                self.progress.begin((target.name, name, "rate"), f"{what}: {name} at {rate:g} requests a second")
                self._at_rate(target, number, name, rate)
                self.progress.begin((target.name, name, "closed"), f"{what}: {name}, as much as it can")
                self._closed(target, number, name)
        except FAILURES as error:
            self.progress.say(f"{target.name}, round {number + 1}: {error}")
            self.failed = self._missed = True
        finally:
            self._end_round(target, number, sampler)

    def _end_round(self, target, number, sampler):
        if sampler:
            sampler.stop()
            for seconds, source, size in sampler.readings:
                self.results.memory.append(results.Memory(target.name, number, source, round(seconds, 3), size))
            for source, size in sampler.highest().items():
                self.results.add(target.name, number, "memory.load", size, source)
        target.stop()

    def _starts(self, target, number, what):
        """Measures cold and warm starts in turn, each of a stopped gallery. The last one keeps running."""
        if not target.can_start:
            return
        self.progress.begin((target.name, "start"), f"{what}: starts")
        for _ in range(self.plan.starts_a_round):
            if self._cold:
                target.stop()
                _drop_caches()
                self.results.add(target.name, number, "start.cold", target.start())
            target.stop()
            self.results.add(target.name, number, "start.warm", target.start())
            self.progress.show()

    def _warm_up(self, target, number, what):
        self.progress.begin((target.name, "warm-up"), f"{what}: idle, then warm-up")
        time.sleep(self.plan.settle)
        for source, size in target.memory().items():
            self.results.add(target.name, number, "memory.idle", size, source)
        files = self._files[target.name]
        for name, rate in self._workloads():
            if name in files:
                self._load.at_rate(target.url, files[name], rate, max(self.plan.warm_up, 1 / rate))
        self._remove_uploads(target)

    def _at_rate(self, target, number, name, rate):
        files = self._files[target.name]
        before = target.cpu()
        reports = self._run_at_rate(target, name, rate, files)
        after = target.cpu()
        report = reports[0]
        requests = sum(each["requests"] for each in reports)
        errors = sum(each["errors"] for each in reports)
        for source, seconds in after.items():
            used = max(0.0, seconds - before[source]) / requests * 1000
            self.results.add(target.name, number, f"cpu.{name}", used, source, errors)
        self.results.latencies.append(
            results.Latency(
                target.name, number, name, rate, report["requests"], errors, report["seconds"], report["histogram"]
            )
        )
        self._remove_uploads(target)

    def _run_at_rate(self, target, name, rate, files):
        """The reports of the loads; the first is the one whose latency counts."""
        if name != "mixed":
            return [self._load.at_rate(target.url, files[name], rate, self.plan.at_rate)]
        uploads = self._start_uploads(target, self.plan.at_rate)
        try:
            browsed = self._load.at_rate(target.url, files["browse"], rate, self.plan.at_rate)
            return [browsed, self._load.finish(uploads)]
        finally:
            processes.end(uploads)

    def _start_uploads(self, target, seconds):
        files = self._files[target.name]["upload"]
        return self._load.start_at_rate(target.url, files, dict(self.plan.rates)["upload"], seconds)

    def _closed(self, target, number, name):
        files = self._files[target.name]
        if name == "mixed":
            uploads = self._start_uploads(target, self.plan.closed)
            try:
                measured = self._load.wrk(target.url, files["browse"], self.plan.closed, self.plan.connections)
                measured.errors += self._load.finish(uploads)["errors"]
            finally:
                processes.end(uploads)
        else:
            connections, seconds = self.plan.connections, self.plan.closed
            if name == "upload":  # some of which take seconds
                connections, seconds = self.plan.uploaders, self.plan.closed * 2
            measured = self._load.wrk(target.url, files[name], seconds, connections)
        self._add_throughput(target, number, name, "wrk", measured)
        if name == "listing" and target.url.startswith("http:"):
            measured = self._load.ab(target.url, self.plan.closed, self.plan.connections)
            self._add_throughput(target, number, name, "ab", measured)
        self._remove_uploads(target)

    def _add_throughput(self, target, number, name, source, measured):
        if measured.requests == 0:  # none of those under way was answered in time
            measured.errors = max(measured.errors, self.plan.uploaders)
        self.results.add(target.name, number, f"throughput.{name}", measured.per_second, source, measured.errors)

    def _remove_uploads(self, target):
        if self._uploads():
            gallery.Gallery(target.url, self.bench.token).remove(self._word)


# ---- the page cache ----


def _can_drop_caches():
    return os.access(DROP_CACHES, os.W_OK)


def _drop_caches():
    os.sync()
    with open(DROP_CACHES, "w", encoding="ascii") as file:
        file.write("3\n")
