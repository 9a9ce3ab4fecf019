"""results.json: written, read, refused."""

import copy
import json
import os
import tempfile
import unittest

from vitrine_bench import results

INVENTED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "invented.json")
DELETED = object()


def document():
    with open(INVENTED, encoding="utf-8") as file:
        return json.load(file)


def changed(whole, path, value):
    """A copy with the field at this path replaced, or deleted."""
    whole = copy.deepcopy(whole)
    inner = whole
    for step in path[:-1]:
        inner = inner[step]
    if value is DELETED:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return whole


class Files(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vitrine-bench-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = os.path.join(folder.name, "results.json")

    def test_round_trip(self):
        """results that are read and written are the same"""
        measured = results.read(INVENTED)
        results.write(measured, self.path)
        self.assertEqual(results.read(self.path), measured)
        self.assertEqual(json.load(open(self.path, encoding="utf-8")), document())
        self.assertEqual(os.listdir(self.folder), ["results.json"])
        self.assertEqual(os.stat(self.path).st_mode & 0o777, 0o644)

    def test_folder(self):
        """a folder can be given instead of its results.json"""
        results.write(results.read(INVENTED), self.path)
        self.assertEqual(results.read(self.folder), results.read(INVENTED))

    def test_not_written(self):
        """invalid results are not written, and the old file stays"""
        measured = results.read(INVENTED)
        results.write(measured, self.path)
        measured.samples[0].value = float("nan")
        with self.assertRaisesRegex(results.Invalid, r"^samples\[0\]\.value: "):
            results.write(measured, self.path)
        self.assertEqual(results.read(self.path), results.read(INVENTED))
        self.assertEqual(os.listdir(self.folder), ["results.json"])

    def test_no_json(self):
        """a file that is not JSON is refused"""
        for content in (b"", b"{", b"\xff\xfe", b'{"schema": NaN}'):
            with open(self.path, "wb") as file:
                file.write(content)
            with self.subTest(content=content), self.assertRaises(results.Invalid):
                results.read(self.path)
        self.assertRaises(FileNotFoundError, results.read, self.path + ".none")


class Added(unittest.TestCase):
    def test_add(self):
        """a sample is added in its measure's unit, and found by round"""
        measured = results.from_document(document())
        measured.samples = []
        measured.add("host", 0, "start.cold", 310.5)
        measured.add("host", 2, "start.cold", 320.5)
        measured.add("host", 2, "memory.idle", 17000000, "pss")
        self.assertEqual(measured.samples[0].unit, "ms")
        self.assertEqual(measured.samples[2].unit, "bytes")
        self.assertEqual(measured.values("host", "start.cold"), [[310.5], [], [320.5], [], []])
        self.assertEqual(measured.values("host", "memory.idle"), [[]] * 5)
        self.assertEqual(measured.values("host", "memory.idle", "pss")[2], [17000000])


class Refused(unittest.TestCase):
    WRONG = (
        # field, how it is called, what is wrong with it
        (("schema",), 2, "schema", "1 is known"),
        (("schema",), DELETED, "schema", "1 is known"),
        (("commit",), DELETED, "commit", "missing"),
        (("commit",), 7, "commit", "a string"),
        (("more",), 7, "more", "no such field"),
        (("quick",), 1, "quick", "true or false"),
        (("rounds",), 0, "rounds", "at least 1"),
        (("rounds",), 2.5, "rounds", "a whole number"),
        (("rounds",), True, "rounds", "a whole number"),
        (("order",), {}, "order", "a list"),
        (("order", 1, 0), "moon", "order[1]", "one of host"),
        (("machine",), [], "machine", "an object"),
        (("machine", "cpus"), "2", "machine.cpus", "a whole number"),
        (("machine", "governor"), 5, "machine.governor", "a string"),
        (("machine", "load_before"), [1.0], "machine.load_before", "three"),
        (("machine", "versions", "nginx"), None, "machine.versions.nginx", "a string"),
        (("targets", "vm", "accelerator"), "xen", "targets.vm.accelerator", "one of null, kvm"),
        (("targets", "../x"), {"label": "", "accelerator": None, "description": ""}, "targets.../x", "no name"),
        (("samples", 3), None, "samples[3]", "an object"),
        (("samples", 3, "value"), "x", "samples[3].value", "a number is needed, not 'x'"),
        (("samples", 3, "value"), -1, "samples[3].value", "nothing below 0"),
        (("samples", 3, "round"), 5, "samples[3].round", "0 to 4"),
        (("samples", 3, "target"), "moon", "samples[3].target", "one of host"),
        (("samples", 3, "measure"), "start.hot", "samples[3].measure", "one of start.cold"),
        (("samples", 3, "unit"), "s", "samples[3].unit", "'ms' is needed"),
        (("samples", 3, "source"), "guess", "samples[3].source", "one of null"),
        (("samples", 8, "source"), "ab", "samples[8].source", "one of pss"),
        (("samples", 3, "errors"), -1, "samples[3].errors", "nothing below 0"),
        (("samples", 3, "extra"), 1, "samples[3].extra", "no such field"),
        (("latencies", 0, "workload"), "surf", "latencies[0].workload", "one of browse"),
        (("latencies", 0, "requests"), 1, "latencies[0].histogram", "more than there were requests"),
        (("latencies", 0, "histogram", 0), [1], "latencies[0].histogram[0]", "[upper bound, count]"),
        (("latencies", 0, "histogram", 1), [0.0, 1], "latencies[0].histogram[1]", "bounds must ascend"),
        (("latencies", 0, "histogram", 0), [0.0, 0.5], "latencies[0].histogram[0]", "a count"),
        (("memory", 1, "source"), None, "memory[1].source", "a string"),
        (("memory", 1, "source"), "ab", "memory[1].source", "one of pss"),
        (("memory", 1, "seconds"), -0.5, "memory[1].seconds", "nothing below 0"),
    )

    def test_fields(self):
        """invalid results are refused with the name of the field"""
        valid = document()
        for path, value, where, what in self.WRONG:
            with self.subTest(where=where, what=what):
                with self.assertRaises(results.Invalid) as caught:
                    results.from_document(changed(valid, path, value))
                self.assertTrue(str(caught.exception).startswith(f"{where}: {what}"), caught.exception)

    def test_valid(self):
        """an optional field may be null"""
        valid = document()
        for path in (("machine", "governor"), ("machine", "others_percent"), ("samples", 0, "source")):
            results.from_document(changed(valid, path, None))

    def test_no_object(self):
        """a list instead of an object is refused"""
        with self.assertRaisesRegex(results.Invalid, "^the file: an object"):
            results.from_document([])
