"""The parsers of what ab, wrk, docker and the kernel print, on recorded output."""

import os
import unittest

from vitrine_bench import tools

RECORDED = os.path.join(os.path.dirname(os.path.abspath(__file__)), "recorded")


def recorded(name):
    with open(os.path.join(RECORDED, name), encoding="utf-8") as file:
        return file.read()


class Ab(unittest.TestCase):
    def test_a_good_run(self):
        """ab's report has requests, seconds and errors"""
        measured = tools.parse_ab(recorded("ab.txt"))
        self.assertEqual(measured, tools.Throughput(9283, 2.002, 0))
        self.assertAlmostEqual(measured.per_second, 4636.86, places=2)

    def test_statuses_that_are_errors(self):
        """ab's report counts statuses that are errors"""
        self.assertEqual(tools.parse_ab(recorded("ab-errors.txt")), tools.Throughput(200, 0.118, 200))

    def test_failed_requests_count(self):
        """ab's report counts failed requests"""
        failed = recorded("ab.txt").replace("Failed requests:        0", "Failed requests:        7")
        self.assertEqual(tools.parse_ab(failed).errors, 7)

    def test_half_a_report(self):
        """half a report of ab is refused"""
        with self.assertRaisesRegex(tools.Unreadable, "Complete requests"):
            tools.parse_ab(recorded("ab.txt")[:200])


class Wrk(unittest.TestCase):
    def test_a_good_run(self):
        """wrk's report has requests, seconds and errors"""
        measured = tools.parse_wrk(recorded("wrk.txt"))
        self.assertEqual(measured, tools.Throughput(9876, 2.02, 0))

    def test_statuses_that_are_errors(self):
        """wrk's report counts statuses that are errors"""
        self.assertEqual(tools.parse_wrk(recorded("wrk-errors.txt")), tools.Throughput(3310, 1.01, 3310))

    def test_connections_that_break(self):
        """wrk's report counts broken connections"""
        self.assertEqual(tools.parse_wrk(recorded("wrk-socket-errors.txt")), tools.Throughput(0, 2.03, 3))

    def test_minutes(self):
        """wrk's report may have minutes"""
        self.assertEqual(tools.parse_wrk(recorded("wrk.txt").replace("in 2.02s", "in 1.50m")).seconds, 90)

    def test_nobody_there(self):
        """wrk's message about a closed port is refused"""
        with self.assertRaisesRegex(tools.Unreadable, "unable to connect"):
            tools.parse_wrk("unable to connect to 127.0.0.1:29411 Connection refused\n")


class LoadAtRate(unittest.TestCase):
    def test_no_report(self):
        """an incomplete report of load_at_rate is refused"""
        for text in ("", "{", "[]", '{"requests": 1}'):
            with self.subTest(text), self.assertRaises(tools.Unreadable):
                tools.parse_load(text)


class Docker(unittest.TestCase):
    def test_versions(self):
        """versions of Docker's client and engine are read"""
        found = tools.parse_docker_version(recorded("docker-version.json"))
        self.assertEqual(found, {"docker": "28.2.2", "dockerd": "20.10.24+dfsg1"})

    def test_no_engine(self):
        """Docker's message without an engine is refused"""
        with self.assertRaisesRegex(tools.Unreadable, "docker version"):
            tools.parse_docker_version('{"Client":{"Version":"28.2.2"},"Server":null}')

    def test_processes_of_containers_that_run(self):
        """the first process of each running container is read"""
        pids = tools.parse_docker_pids(recorded("docker-inspect.json"))
        self.assertEqual([len(container) for container in pids], [64, 64])
        self.assertTrue(all(pid > 1 for pid in pids.values()))

    def test_containers_that_have_ended(self):
        """ended containers are left out"""
        self.assertEqual(tools.parse_docker_pids('[{"Id": "a", "State": {"Running": false, "Pid": 0}}]'), {})

    def test_no_containers(self):
        """output of docker inspect without containers is refused"""
        for text in ("", "{}", '[{"Id": "a"}]', "Error: No such object"):
            with self.subTest(text):
                if text == "{}":
                    self.assertEqual(tools.parse_docker_pids(text), {})
                else:
                    with self.assertRaises(tools.Unreadable):
                        tools.parse_docker_pids(text)


class Kernel(unittest.TestCase):
    def test_control_groups_of_version_1(self):
        """control groups of version 1 are read"""
        text = "12:cpu,cpuacct:/docker/4c1e\n4:memory:/docker/4c1e\n1:name=systemd:/docker/4c1e\n0::/\n"
        paths = tools.parse_cgroup_paths(text)
        self.assertEqual((paths["cpuacct"], paths["memory"], paths[""]), ("/docker/4c1e", "/docker/4c1e", "/"))

    def test_control_groups_of_version_2(self):
        """control groups of version 2 are read"""
        paths = tools.parse_cgroup_paths("0::/system.slice/docker-4c1e.scope\n")
        self.assertEqual(paths, {"": "/system.slice/docker-4c1e.scope"})

    def test_counters(self):
        """counters of a control group are read"""
        counters = tools.parse_counters(recorded("memory.stat"))
        self.assertIn("total_inactive_file", counters)
        self.assertEqual(tools.parse_counters("usage_usec 1200\nuser_usec 800\n")["usage_usec"], 1200)

    def test_free(self):
        """the memory that free prints is read"""
        text = recorded("free.txt")
        self.assertEqual(tools.parse_free(text), int(text.splitlines()[1].split()[2]))

    def test_processor_ticks(self):
        """ticks of the processors are read"""
        self.assertEqual(tools.parse_processor_ticks("cpu  10 1 5 80 3 1 2 4 0 0\n"), (19, 106))
        busy, ticks = tools.parse_processor_ticks(recorded("stat.txt"))
        self.assertLess(busy, ticks)

    def test_no_processor(self):
        """a line without processor ticks is refused"""
        with self.assertRaises(tools.Unreadable):
            tools.parse_processor_ticks("cpu0 1 2 3 4 5 6 7 8\n")


if __name__ == "__main__":
    unittest.main()
