"""The report, of invented figures."""

import dataclasses
import os
import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as ElementTree

from vitrine_bench import charts, figures, gnuplot, report, results, stats, units

HERE = os.path.dirname(os.path.abspath(__file__))
INVENTED = os.path.join(HERE, "invented.json")
TOP = os.path.join(HERE, "../..")
COMMAND = os.path.join(TOP, "bench/report")
SVG = "{http://www.w3.org/2000/svg}"
EVIL = "a|b</td><script>alert(1)</script> 'x' \"y\" `touch pwned` *z* 50 %\n\\n # @v $w"


def cells(markdown, first):
    """Of the first line of a table that begins like this, what is in the columns."""
    line = next(line for line in markdown.splitlines() if line.startswith(f"| {first}"))
    return [cell.strip() for cell in line.strip("|").split(" | ")]


class WithFolder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="vitrine-bench-test-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.results = results.read(INVENTED)

    def written(self):
        """What write_report writes, by name."""
        names = report.write_report(self.results, self.folder)
        self.assertEqual(sorted(os.listdir(self.folder)), names)
        files = {}
        for name in names:
            with open(os.path.join(self.folder, name), encoding="utf-8") as file:
                files[name] = file.read()
        return files

    def markdown(self):
        return self.written()["report.md"]

    def only(self, *targets):
        """Drops the other targets."""
        self.results.targets = {name: self.results.targets[name] for name in targets}
        self.results.order = [[name for name in names if name in targets] for names in self.results.order]
        for kind in ("samples", "latencies", "memory"):
            setattr(self.results, kind, [x for x in getattr(self.results, kind) if x.target in targets])


class Kept(WithFolder):
    """The report of a full run that is kept under docs/."""

    def setUp(self):
        super().setUp()
        self.results = results.read(os.path.join(TOP, "docs/bench"))

    def read(self, name):
        with open(os.path.join(TOP, name), encoding="utf-8") as file:
            return file.read()

    def test_report(self):
        """the report under docs/ is what its results give"""
        self.assertTrue(self.results.complete and not self.results.quick)
        self.assertEqual(report.write_report(self.results, self.folder, has_charts=False), ["report.md"])
        with open(os.path.join(self.folder, "report.md"), encoding="utf-8") as file:
            tables = file.read()
        self.assertEqual(tables, self.read("docs/bench/report.md"))
        self.assertNotIn("![", tables)

    def test_readme(self):
        """the README has rows of the report's table, and no others"""
        table = self.markdown().split("## What each costs\n\n")[1].split("\n\n")[0].splitlines()
        rows = [re.sub(" +", " ", row) for row in table if not row.startswith("|-")]
        bench = self.read("README.md").split("## The bench\n")[1].split("\n## ")[0].splitlines()
        shown = [row for row in bench if row.startswith("| ")]
        self.assertEqual(shown[:1], rows[:1])
        self.assertGreater(len(shown), 3)
        self.assertEqual([row for row in shown if row not in rows], [])


class Page(WithFolder):
    def test_files(self):
        """write_report writes all charts and both pages"""
        wanted = ["cpu", "latency-browse", "latency-listing", "latency-mixed", "latency-upload", "memory"]
        wanted += ["memory-over-time", "start", "throughput"]
        files = self.written()
        self.assertEqual(sorted(files), sorted([f"{name}.svg" for name in wanted] + ["report.html", "report.md"]))
        for name in wanted:
            self.assertIn(f"]({name}.svg)", files["report.md"])

    def test_again(self):
        """the same results make the same report"""
        self.assertEqual(self.written(), self.written())

    def test_html(self):
        """report.html is well-formed and loads no other file"""
        page = self.written()["report.html"]
        root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>\n"))
        self.assertEqual(len(root.findall(f".//{SVG}svg")), 9)
        for element in root.iter():
            for name in element.attrib:
                self.assertNotRegex(name, r"(^|})(src|href|data|poster|srcset|action|on.*|id)$")
            self.assertNotRegex(element.tag, r"(^|})(script|link|iframe|object|embed|img|use|image)$")
        for style in root.iter("style"):
            self.assertNotRegex(style.text, r"url\(|@import")
            self.assertIn("prefers-color-scheme: dark", style.text)
        self.assertEqual(set(re.findall(r"https?://[^\s\"<]*", page)), {"http://www.w3.org/2000/svg"})

    def test_svg(self):
        """charts are XML and follow a light or dark page"""
        files = self.written()
        for name, text in files.items():
            if not name.endswith(".svg"):
                continue
            with self.subTest(name=name):
                root = ElementTree.fromstring(text.encode())
                self.assertEqual(root.tag, f"{SVG}svg")
                self.assertEqual(root[0].tag, f"{SVG}title")
                self.assertTrue(root[0].text)
                self.assertIn("prefers-color-scheme:dark", root[1].text)
                colours = {element.get(kind) for element in root.iter() for kind in ("stroke", "fill")}
                self.assertIn("currentColor", colours)
                self.assertFalse(colours & {"black", "white", "rgb(1,2,3)", "rgb(  1,   2,   3)"})
                self.assertFalse([element.tag for element in root.iter() if element.get("id")])

    def test_figures(self):
        """a figure is the median of its samples, with the interval, in the table and the chart"""
        samples = self.results.values("host", "start.cold")
        estimate = stats.median_of_rounds(samples, self.results.seed)
        text = units.estimate_text(estimate, "ms")
        self.assertRegex(text, r"^\d+ ms \(\d+–\d+\)$")
        files = self.written()
        self.assertEqual(cells(files["report.md"], "Start: cold")[1], text)
        for name in ("report.html", "start.svg"):
            self.assertIn(text, files[name])

    def test_percentiles(self):
        """latency is the median over rounds of each round's percentile"""
        self.only("host")
        self.results.latencies = [
            results.Latency("host", number, "browse", 10.0, 100, 0, 10.0, [[1.0, 90], [upper, 9], [50.0, 1]])
            for number, upper in enumerate((5.0, 7.0, 6.0, 9.0, 8.0))
        ]
        text = self.markdown()
        wanted = {"p50": "1.00 ms (1.00–1.00)", "p95": "7.00 ms (5.00–9.00)", "p99": "7.00 ms (5.00–9.00)"}
        wanted |= {"p90": "1.00 ms (1.00–1.00)", "max": "50.0 ms (50.0–50.0)"}
        for name, figure in wanted.items():
            self.assertEqual(cells(text, f"browse, {name}")[1], figure)
        self.assertIn("Rates: host 10/s, 500 requests in all.", text)

    def test_missing(self):
        """a figure that a target has not measured is a dash"""
        text = self.markdown()
        self.assertEqual(cells(text, "Start: cold")[-2:], ["–", "–"])
        self.assertEqual(cells(text, "Latency: mixed, p50")[4], "–")

    def test_nothing(self):
        """a run that measured nothing says so"""
        self.results.samples, self.results.latencies, self.results.memory = [], [], []
        self.assertIn("Nothing was measured.", self.markdown())

    def test_interrupted(self):
        """the report of an interrupted or quick run says so"""
        self.assertNotRegex(self.markdown(), "Interrupted|quick run")
        self.results.complete = False
        self.results.quick = True
        self.results.order = self.results.order[:2]
        self.results.samples = [sample for sample in self.results.samples if sample.round < 2]
        self.results.latencies = [record for record in self.results.latencies if record.round < 2]
        files = self.written()
        for name in ("report.md", "report.html"):
            self.assertRegex(files[name], "Interrupted: this run did not come to its end")
            self.assertRegex(files[name], "A quick run")
            self.assertIn("2 of 5 rounds", files[name])
        self.assertRegex(cells(files["report.md"], "Start: cold")[1], r"^\d+ ms$")

    def test_machine(self):
        """the report names the machine, its versions and the commit"""
        text = self.markdown()
        for said in ("2 × Invented Processor", "Linux 6.1.0", "0.10, 0.20, 0.30", "1.5 %", "1.22.1", "Commit invented"):
            self.assertIn(said, text)

    def test_published(self):
        """published figures stand unchanged beside ours, without a ratio"""
        text = self.markdown()
        self.assertIn("Machines differ", text)
        line = cells(text, "start  ")
        self.assertEqual((line[1], line[3]), ("3.7 s", "8 s"))
        self.assertRegex(line[2], r"^9\d\d ms \(.*\), cold$")
        self.assertEqual(cells(text, "throughput  ")[1:4], ["–", "–", "114 requests per second"])
        self.only("host")
        self.assertNotIn("3.7 s", self.markdown())

    def test_hostile(self):
        """a name becomes neither markup nor a command nor a line"""
        self.results.targets["container"].label = EVIL
        self.results.machine.cpu = EVIL
        self.results.machine.versions[EVIL] = EVIL
        before = os.getcwd()
        os.chdir(self.folder)
        self.addCleanup(os.chdir, before)
        files = self.written()
        self.assertNotIn("pwned", os.listdir(self.folder))
        root = ElementTree.fromstring(files["report.html"].removeprefix("<!DOCTYPE html>\n"))
        self.assertEqual(list(root.iter("script")), [])
        self.assertNotIn("<script>", files["report.md"].replace("\\<script", ""))
        columns = {line.replace("\\|", "").count("|") for line in files["report.md"].splitlines() if "Start:" in line}
        self.assertEqual(columns, {8})

    def test_formats(self):
        """gnuplot does not take a name for a format, and long names are shortened"""
        self.results.targets["container"].label = "50 %s"
        self.results.targets["host"].label = 80 * "x"
        chart = self.written()["start.svg"]
        self.assertRegex(chart, ">\\s*50 %s<")
        self.assertRegex(chart, f">\\s*{47 * 'x'}…<")


class Comparison(WithFolder):
    def test_emulated(self):
        """an emulated target is marked in the table's head, and has no ratio"""
        text = self.markdown()
        head = cells(text, "  ")
        self.assertIn("VM (emulated, no KVM)", head)
        self.assertIn("containers / host", head)
        self.assertFalse([name for name in head if name.startswith("VM") and "/" in name])
        self.assertIn("VM (emulated, no KVM): emulated: not compared.", text)

    def test_kvm(self):
        """a virtual machine on KVM has a ratio"""
        self.results.targets["vm"] = results.Target("VM (KVM)", "kvm", "")
        text = self.markdown()
        self.assertIn("VM (KVM) / host", cells(text, "  "))
        self.assertNotIn("not compared.", text)

    def test_ratio(self):
        """a ratio is one of medians, and bold if its interval excludes 1"""
        rows = {row.key: row for row in figures.rows(self.results)}
        ratio = rows["start.cold"].ratio("container", self.results.targets)
        self.assertTrue(ratio.excludes(1))
        text = self.markdown()
        self.assertEqual(cells(text, "Start: cold")[3], f"**{units.ratio_text(ratio)}**")
        self.assertRegex(cells(text, "Latency: browse, p50")[3], r"^× [\d.]+ \([\d.]+–[\d.]+\)$")

    def test_accounts(self):
        """memory has a ratio only if both figures come from the same source"""
        self.assertEqual(cells(self.markdown(), "Memory: idle")[3], "–")
        for sample in self.results.samples:
            if sample.source == "cgroup" and sample.measure == "memory.idle":
                sample.source = "pss"
        self.assertRegex(cells(self.markdown(), "Memory: idle")[3], "^.*× .*, PSS")

    def test_guest(self):
        """memory and processor of a VM are given by guest and by hypervisor"""
        text = self.markdown()
        for row in ("Memory: idle", "Memory: under load", "CPU per 1,000 requests: upload"):
            self.assertRegex(cells(text, row)[4], "(guest.*hypervisor|hypervisor.*guest)")

    def test_errors(self):
        """a figure with errors is marked, has their number, and has no ratio"""
        text = self.markdown()
        self.assertRegex(cells(text, "Throughput: mixed")[2], " !$")
        self.assertEqual(cells(text, "Throughput: mixed")[3], "–")
        self.assertIn("! Throughput: mixed, containers: 12 requests failed", text)
        self.assertEqual(text.count("! Latency: mixed, containers: 3 requests failed"), 1)
        self.assertEqual(cells(text, "Latency: mixed, p50")[3], "–")

    def test_rates(self):
        """latencies at different rates have no ratio"""
        for record in self.results.latencies:
            if record.target == "container" and record.workload == "browse":
                record.rate = 100.0
        text = self.markdown()
        self.assertEqual(cells(text, "browse, p50")[3], "–")
        self.assertNotEqual(cells(text, "listing, p50")[3], "–")


class Charts(unittest.TestCase):
    def setUp(self):
        self.results = results.read(INVENTED)

    def chart(self, name):
        drawn = charts.all_charts(self.results, figures.rows(self.results))
        return next(gnuplot.inline(svg) for file, _, svg in drawn if file == name)

    def test_cut(self):
        """an emulated bar is cut off, with a note, only if it is longer than the others"""
        self.assertEqual(self.chart("start.svg").count("»"), 2)
        self.results.targets["vm"].accelerator = "kvm"
        self.assertNotIn("»", self.chart("start.svg"))

    def test_emulated_alone(self):
        """a chart of only an emulated target is scaled to it"""
        for kind in ("samples", "latencies", "memory"):
            setattr(self.results, kind, [x for x in getattr(self.results, kind) if x.target == "vm"])
        self.assertNotIn("»", self.chart("start.svg"))

    def test_errors(self):
        """a bar with errors is marked"""
        self.assertEqual(self.chart("throughput.svg").count(" !<"), 1)

    def test_percentile_axis(self):
        """the axis of latencies has a tic for each nine"""
        svg = self.chart("latency-browse.svg")
        for tic in ("0 %", "50 %", "90 %", "99 %", "99.9 %"):
            self.assertRegex(svg, f">\\s*{re.escape(tic)}<")

    def test_curve(self):
        """a curve's points are percentiles, up to the greatest"""
        points = charts._percentiles([[1.0, 900], [2.0, 99], [4.0, 1]])
        self.assertEqual(points[0], (1, 1.0))
        self.assertAlmostEqual(points[-1][0], 2000)
        self.assertEqual(points[-1][1], 4.0)
        for step, value in points:
            wanted = 1.0 if step <= 10 else 2.0 if step <= 1000 else 4.0
            self.assertEqual(value, wanted, step)

    def test_zeros(self):
        """values of zero can be drawn"""
        for sample in self.results.samples:
            sample.value = 0
        for record in self.results.latencies:
            record.histogram = [[0.0, 5]]
        for reading in self.results.memory:
            reading.bytes = 0
        self.assertEqual(len(charts.all_charts(self.results, figures.rows(self.results))), 9)

    def test_gnuplot(self):
        """an error of gnuplot is reported with its message"""
        self.assertRaisesRegex(gnuplot.Failed, "line", gnuplot.draw, "plot nothing at all\n", "x", 100, 100)


class Units(unittest.TestCase):
    def test_figure(self):
        """figures have three digits, and whole numbers all of them"""
        wanted = {0: "0", 0.01234: "0.0123", 0.1: "0.100", 0.99996: "1.00", 9.999: "10.0", 99.96: "100"}
        wanted |= {123.4: "123", 12345.6: "12,346", 0.0001: "0.0001"}
        for value, text in wanted.items():
            self.assertEqual(units.figure(value), text)

    def test_interval(self):
        """an interval is in the unit of its median"""
        estimate = stats.Estimate(1200, 900, 1500, 5, 5)
        self.assertEqual(units.estimate_text(estimate, "ms"), "1.20 s (0.900–1.50)")
        self.assertEqual(units.estimate_text(dataclasses.replace(estimate, low=None, high=None), "ms"), "1.20 s")
        self.assertEqual(units.value_text(36e6, "bytes"), "36.0 MB")
        self.assertEqual(units.value_text(2.4e9, "bytes"), "2.40 GB")


class Command(WithFolder):
    def run_it(self, *arguments):
        return subprocess.run(
            ["/usr/bin/python3", COMMAND, *arguments], capture_output=True, text=True, check=False, cwd=self.folder
        )

    def test_out(self):
        """bench/report writes to --out and prints the names of the files"""
        done = self.run_it(INVENTED, "--out", "made/here")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(len(done.stdout.splitlines()), 11)
        for name in done.stdout.splitlines():
            self.assertTrue(os.path.getsize(os.path.join(self.folder, name)))

    def test_beside(self):
        """bench/report without --out writes beside the results, or in their folder"""
        results.write(self.results, os.path.join(self.folder, "results.json"))
        for argument in ("results.json", self.folder):
            self.assertEqual(self.run_it(argument).returncode, 0)
            os.unlink(os.path.join(self.folder, "report.md"))

    def test_wrong(self):
        """bench/report names the invalid field in one line"""
        with open(os.path.join(self.folder, "wrong.json"), "w", encoding="utf-8") as file:
            file.write('{"schema": 1, "commitment": 5}')
        for argument, said in (("wrong.json", "report: commitment: no such field"), ("none.json", "none.json")):
            done = self.run_it(argument)
            self.assertEqual((done.returncode, done.stdout), (1, ""))
            self.assertIn(said, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)

    def test_help(self):
        """bench/report --help prints the usage"""
        done = self.run_it("--help")
        self.assertEqual(done.returncode, 0)
        self.assertIn("RESULTS.json", done.stdout)
