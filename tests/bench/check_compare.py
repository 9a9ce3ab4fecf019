"""bench/compare: verdicts, warnings, exit status."""

import json
import os
import subprocess
import tempfile
import unittest

from vitrine_bench import compare, results

HERE = os.path.dirname(os.path.abspath(__file__))
INVENTED = os.path.join(HERE, "invented.json")
COMMAND = os.path.join(HERE, "../../bench/compare")


class WithTwo(unittest.TestCase):
    def setUp(self):
        self.old, self.new = results.read(INVENTED), results.read(INVENTED)
        self.new.commit = "another"

    def scaled(self, factor, measure, target="host"):
        """Makes the new run's values greater."""
        for sample in self.new.samples:
            if (sample.measure, sample.target) == (measure, target):
                sample.value *= factor

    def line(self, key, target="host", least=5):
        lines = compare.compare(self.old, self.new, least).lines
        return next(line for line in lines if (line.key, line.target) == (key, target))


class Verdicts(WithTwo):
    def test_same(self):
        """the same figures are no change"""
        comparison = compare.compare(self.old, self.new, 5)
        judged = {line.verdict for line in comparison.lines if not line.why}
        self.assertEqual(judged, {compare.SAME})
        self.assertFalse(comparison.worse)
        self.assertEqual(comparison.warnings, [])

    def test_worse(self):
        """more time, memory and processor are worse, and so is less throughput"""
        for measure, factor in (("start.cold", 1.5), ("memory.idle", 1.5), ("cpu.browse", 1.5), ("throughput.upload", 0.5)):
            self.scaled(factor, measure)
        keys = ("start.cold", "memory.idle@pss", "cpu.browse", "throughput.upload")
        self.assertEqual({self.line(key).verdict for key in keys}, {compare.WORSE})
        self.assertTrue(compare.compare(self.old, self.new, 5).worse)

    def test_better(self):
        """less time, memory and processor are better, and so is more throughput"""
        for measure, factor in (("start.cold", 0.5), ("memory.idle", 0.5), ("cpu.browse", 0.5), ("throughput.upload", 2)):
            self.scaled(factor, measure)
        keys = ("start.cold", "memory.idle@pss", "cpu.browse", "throughput.upload")
        self.assertEqual({self.line(key).verdict for key in keys}, {compare.BETTER})
        self.assertFalse(compare.compare(self.old, self.new, 5).worse)

    def test_latency(self):
        """latencies are compared by percentile"""
        for record in self.new.latencies:
            if (record.target, record.workload) == ("host", "listing"):
                record.histogram = [[upper * 2, count] for upper, count in record.histogram]
        self.assertEqual(self.line("latency.listing.p50").verdict, compare.WORSE)
        self.assertAlmostEqual(self.line("latency.listing.p50").ratio.value, 2)
        self.assertEqual(self.line("latency.browse.p50").verdict, compare.SAME)

    def test_least(self):
        """a change below the least one that counts does not count, however certain"""
        for run, value in ((self.old, 100.0), (self.new, 103.0)):
            for sample in run.samples:
                if sample.measure == "start.cold":
                    sample.value = value
        self.assertEqual(self.line("start.cold", least=5).verdict, compare.SAME)
        self.assertEqual(self.line("start.cold", least=2).verdict, compare.WORSE)

    def test_noise(self):
        """a change within the noise does not count, however large it is"""
        for run, factor in ((self.old, 1), (self.new, 1.3)):
            for sample in run.samples:
                if sample.measure == "start.cold":
                    sample.value = factor * (100, 300, 200, 500, 400)[sample.round]
        self.assertEqual(self.line("start.cold").verdict, compare.SAME)

    def test_few(self):
        """rows of too few rounds are not judged"""
        self.new.samples = [sample for sample in self.new.samples if sample.round < 3]
        line = self.line("start.cold")
        self.assertEqual((line.verdict, line.why), (compare.UNJUDGED, "too few rounds"))

    def test_errors(self):
        """new errors are worse, and rows that had errors before are not judged"""
        for sample in self.new.samples:
            if sample.measure == "throughput.browse" and sample.target == "host":
                sample.errors = 3
        self.assertEqual(self.line("throughput.browse").verdict, compare.FAILS)
        self.assertTrue(compare.compare(self.old, self.new, 5).worse)
        line = self.line("throughput.mixed", "container")
        self.assertEqual((line.verdict, line.why), (compare.UNJUDGED, "requests failed before and now"))

    def test_accelerators(self):
        """an emulated VM is compared only with an emulated one"""
        self.assertEqual(self.line("start.cold", "vm").verdict, compare.SAME)
        self.new.targets["vm"].accelerator = "kvm"
        comparison = compare.compare(self.old, self.new, 5)
        lines = [line for line in comparison.lines if line.target == "vm"]
        self.assertEqual({(line.verdict, line.why, line.ratio) for line in lines},
                         {(compare.UNJUDGED, "accelerators differ", None)})
        self.assertIn("accelerators differ: vm was tcg, is kvm; not compared", comparison.warnings)

    def test_rates(self):
        """latencies at different rates are not compared"""
        for record in self.new.latencies:
            record.rate *= 2
        self.assertEqual(self.line("latency.browse.p50").why, "rates differ")

    def test_lone(self):
        """rows that only one run has are named"""
        self.new.samples = [sample for sample in self.new.samples if sample.measure != "start.cold"]
        comparison = compare.compare(self.old, self.new, 5)
        self.assertEqual(comparison.only_old, ["host start.cold", "container start.cold", "vm start.cold"])
        self.assertEqual(comparison.only_new, [])


class Warnings(WithTwo):
    def warned(self):
        return " / ".join(compare.compare(self.old, self.new, 5).warnings)

    def test_warnings(self):
        """other machines, versions or rounds, quick or interrupted runs, and equal commits are warned of"""
        self.new.machine.cpu = "Other"
        self.new.machine.versions["nginx"] = "1.26"
        self.new.rounds = 7
        self.new.quick = True
        self.old.complete = False
        self.new.commit = self.old.commit
        for said in (
            "machines differ: cpu was Invented Processor, is Other",
            "versions differ: nginx was 1.22.1, is 1.26",
            "rounds differ: 5 before, 7 now",
            "the new run was a quick one",
            "the old run was interrupted",
            "both runs are of commit invented",
        ):
            self.assertIn(said, self.warned())


class Command(WithTwo):
    def setUp(self):
        super().setUp()
        folder = tempfile.TemporaryDirectory(prefix="vitrine-bench-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = os.path.join(folder.name, "results.json")

    def compared(self, *arguments):
        results.write(self.new, self.path)
        return subprocess.run(
            ["/usr/bin/python3", COMMAND, *(arguments or (INVENTED, self.folder))],
            capture_output=True, text=True, check=False,
        )

    def test_same(self):
        """without a change, compare prints the rule and exits with 0"""
        done = self.compared()
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertRegex(done.stdout, r"0 better, 0 worse, \d+ without a change")
        self.assertIn("leaves out 1", done.stdout)
        self.assertNotIn("start cold", done.stdout)
        self.assertIn("start cold", self.compared(INVENTED, self.folder, "--all").stdout)

    def test_worse(self):
        """a worse row is in the table, and compare exits with 1"""
        self.scaled(1.5, "start.cold")
        done = self.compared()
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stdout, r"\| host +\| start cold +\| .* ms \(.*\) +\| × 1\.50 \(.*\) +\| worse")
        self.scaled(0.2, "start.cold")
        self.assertEqual(self.compared().returncode, 0)

    def test_json(self):
        """compare --json prints every row"""
        self.scaled(1.5, "start.cold")
        done = self.compared(INVENTED, self.folder, "--json", "--least", "3")
        document = json.loads(done.stdout)
        self.assertEqual(done.returncode, 1)
        self.assertEqual(document["counts"]["worse"], 1)
        self.assertEqual(document["least_percent"], 3)
        line = next(x for x in document["lines"] if (x["key"], x["target"]) == ("start.cold", "host"))
        self.assertAlmostEqual(line["ratio"]["value"], 1.5)
        self.assertLess(line["ratio"]["low"], line["ratio"]["high"])
        self.assertEqual((line["verdict"], line["unit"], line["old"]["rounds"]), ("worse", "ms", 5))

    def test_not_compared(self):
        """compare exits with 2 if the files cannot be compared"""
        self.assertEqual(self.compared(INVENTED).returncode, 2)
        self.assertEqual(self.compared(INVENTED, self.folder, "--least", "-1").returncode, 2)
        done = self.compared(INVENTED, self.path + ".none")
        self.assertEqual(done.returncode, 2)
        self.assertIn("compare: ", done.stderr)
        self.new.samples, self.new.latencies = [], []
        done = self.compared()
        self.assertEqual(done.returncode, 2)
        self.assertIn("no row in common", done.stderr)

    def test_help(self):
        """compare --help explains the exit status"""
        done = self.compared("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("exit status", done.stdout)
