"""load_at_rate against small servers: what it sends, what it counts, and that a stall counts for all that it holds up.

VITRINE_TEST_LOAD is the program. Nothing here fails because the machine is slow: bounds are on one side only.
"""

import json
import math
import os
import re
import shutil
import socketserver
import subprocess
import tempfile
import threading
import time
import unittest

from vitrine_bench import stats, tools

PROGRAM = os.environ.get("VITRINE_TEST_LOAD", "build/bench/load_at_rate")


class Handler(socketserver.StreamRequestHandler):
    """HTTP/1.1, with connections kept. What is asked is kept in the server; behaviour is the server's."""

    disable_nagle_algorithm = True

    def handle(self):
        try:
            self._answer_all()
        except ConnectionError:
            return  # who asks may end

    def _answer_all(self):
        while (first := self.rfile.readline()) not in (b"", b"\r\n"):
            headers = {}
            while (line := self.rfile.readline().strip()):
                name, _, value = line.decode().partition(":")
                headers[name.lower()] = value.strip()
            body = self.rfile.read(int(headers.get("content-length", 0)))
            method, path, _ = first.decode().split(" ")
            if not self.server.answer(self, method, path, headers, body):
                return


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, status=200, stalls_at=None, stall=0.0, silent=False):
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.seen = []
        self._status, self._silent = status, silent
        self._stalls_at, self._stall = stalls_at, stall
        self._lock = threading.Lock()
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def answer(self, handler, *request):
        # One request at a time: who comes during the stall waits.
        with self._lock:
            self.seen.append(request)
            if len(self.seen) == self._stalls_at:
                time.sleep(self._stall)
        if self._silent:
            time.sleep(30)
            return False
        headers = "Content-Length: 2\r\nConnection: keep-alive\r\n"
        handler.wfile.write(f"HTTP/1.1 {self._status} So\r\n{headers}\r\nok".encode())
        return True

    def close(self):
        self.shutdown()
        self.server_close()


class LoadAtRate(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def serve(self, **behaviour):
        server = Server(**behaviour)
        self.addCleanup(server.close)
        return server

    def run_load(self, url, requests, **options):
        path = os.path.join(self.folder, "requests")
        with open(path, "w", encoding="utf-8") as file:
            for request in requests:
                file.write(json.dumps(request) + "\n")
        command = [PROGRAM, "--url", url, "--requests", path]
        for name, value in options.items():
            command += [f"--{name}", str(value)]
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    def load(self, url, requests, **options):
        return tools.parse_load(self.run_load(url, requests, **options).stdout)

    def test_requests_go_round_in_order_with_their_headers(self):
        """requests are sent in order, again and again, with their headers"""
        server = self.serve()
        requests = [
            {"path": "/a?b=%2e", "headers": ["Accept: image/webp", "X-One: 1"]},
            {"path": "/../c", "method": "DELETE"},
        ]
        # One connection, so that they come in order.
        report = self.load(server.url, requests, rate=100, seconds=0.05, connections=1)
        self.assertEqual((report["requests"], report["errors"]), (5, 0))
        seen = [(method, path) for method, path, _, _ in server.seen]
        self.assertEqual(seen, [("GET", "/a?b=%2e"), ("DELETE", "/../c")] * 2 + [("GET", "/a?b=%2e")])
        self.assertEqual((server.seen[0][2]["accept"], server.seen[0][2]["x-one"]), ("image/webp", "1"))

    def test_each_body_has_a_stamp_of_its_own(self):
        """each body has its own stamp"""
        server = self.serve(status=201)
        body = os.path.join(self.folder, "body")
        with open(body, "wb") as file:
            file.write(b"<" + b"0" * 16 + b">" * 100_000)
        request = {"path": "/", "method": "POST", "body": body, "stamp": 1, "status": 201}
        report = self.load(server.url, [request], rate=50, seconds=0.1, mark="abc")
        self.assertEqual((report["requests"], report["errors"]), (5, 0))
        bodies = sorted(body for _, _, _, body in server.seen)
        self.assertEqual(bodies[2], b"<abc     00000002" + b">" * 100_000)
        self.assertEqual(len(set(bodies)), 5)

    def test_the_rate_and_the_time_are_kept(self):
        """requests are sent at the given rate for the given time"""
        report = self.load(self.serve().url, [{"path": "/"}], rate=100, seconds=0.5)
        self.assertEqual((report["rate"], report["seconds"], report["requests"]), (100, 0.5, 50))
        self.assertGreaterEqual(report["took"], 0.49)
        self.assertEqual(sum(count for _, count in report["histogram"]), 50)
        self.assertGreaterEqual(report["late"]["max_ms"], 0)

    def test_buckets_are_one_per_cent_wide(self):
        """the histogram's buckets are one per cent wide"""
        report = self.load(self.serve().url, [{"path": "/"}], rate=400, seconds=0.5)
        for bound, _ in report["histogram"]:
            steps = round(1000 * math.log(bound / 0.001) / math.log(1.01)) / 1000
            self.assertAlmostEqual(steps, round(steps), places=2)

    def test_another_status_is_an_error_and_no_latency(self):
        """an answer with another status is an error without a latency"""
        report = self.load(self.serve(status=404).url, [{"path": "/"}], rate=100, seconds=0.1)
        self.assertEqual((report["errors"], report["errors_by_kind"]["status"]), (10, 10))
        self.assertEqual(report["histogram"], [])

    def test_nobody_there(self):
        """requests to a closed port are errors"""
        server = Server()
        server.close()
        report = self.load(server.url, [{"path": "/"}], rate=100, seconds=0.1)
        self.assertEqual(report["errors_by_kind"]["connect"], 10)

    def test_no_answer_counts_as_long_as_it_was_waited_for(self):
        """a request without an answer counts with the time that it was waited for"""
        report = self.load(self.serve(silent=True).url, [{"path": "/"}], rate=20, seconds=0.1, timeout=0.5)
        self.assertEqual(report["errors_by_kind"]["timeout"], 2)
        self.assertGreaterEqual(report["histogram"][0][0], 500)

    def test_what_never_gets_a_connection_is_counted(self):
        """a request that never gets a connection is counted"""
        options = {"rate": 20, "seconds": 0.2, "timeout": 0.4, "connections": 1}
        report = self.load(self.serve(silent=True).url, [{"path": "/"}], **options)
        kinds = report["errors_by_kind"]
        self.assertEqual(kinds["timeout"] + kinds["unsent"], 4)
        self.assertGreaterEqual(kinds["unsent"], 1)
        self.assertEqual(sum(count for _, count in report["histogram"]), 4)

    def test_a_stall_counts_for_all_that_were_due_in_it(self):
        """a stall counts for all that were due in it

        The server stands still for a second, once. At 100 a second, 100 requests are due meanwhile, and wait for half a
        second on average; that few connections may be open changes nothing.
        """
        for connections in (2, 256):
            with self.subTest(connections=connections):
                server = self.serve(stalls_at=50, stall=1.0)
                report = self.load(server.url, [{"path": "/"}], rate=100, seconds=3, connections=connections)
                self.assertEqual((report["requests"], report["errors"]), (300, 0))
                self.assertGreaterEqual(report["max_ms"], 950)
                late = sum(count for bound, count in report["histogram"] if bound > 450)
                self.assertGreaterEqual(late, 50)
                self.assertGreaterEqual(stats.histogram_percentile(report["histogram"], 99), 900)

    @unittest.skipUnless(shutil.which("ab"), "ab is not installed")
    def test_which_a_closed_loop_does_not_show(self):
        """a closed loop does not show a stall

        ab waits too, so the second is that of one request on each connection, of which there are 2 in 600. (wrk guesses
        what it has left out, and adds that.)
        """
        server = self.serve(stalls_at=50, stall=1.0)
        command = ["ab", "-q", "-k", "-c", "2", "-n", "600", server.url + "/"]
        said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
        self.assertEqual(tools.parse_ab(said).requests, 600)
        self.assertGreaterEqual(int(re.search(r"^ 100% +(\d+) ", said, re.MULTILINE).group(1)), 950)
        self.assertLess(int(re.search(r"^ +99% +(\d+)$", said, re.MULTILINE).group(1)), 900)

    def test_bad_files_and_options(self):
        """invalid request files and options are refused"""
        for request in ({}, {"path": "/", "what": 1}, {"path": "/", "body": "/nowhere"}, {"path": "/", "stamp": 1}):
            with self.subTest(request):
                done = self.run_load("http://127.0.0.1:1", [request], rate=1, seconds=1)
                self.assertEqual((done.returncode, done.stdout), (1, ""))
                self.assertIn("request 1 cannot be made", done.stderr)
        for options in ({"rate": 0, "seconds": 1}, {"rate": 1}, {"rate": "1x", "seconds": 1}):
            with self.subTest(options):
                done = self.run_load("http://127.0.0.1:1", [{"path": "/"}], **options)
                self.assertEqual((done.returncode, done.stdout), (64, ""))


if __name__ == "__main__":
    unittest.main()
