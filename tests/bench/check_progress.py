"""What the bench says while it runs."""

import io
import unittest

from vitrine_bench.progress import Progress


class Terminal(io.StringIO):
    def isatty(self):
        return True


class TimeLeft(unittest.TestCase):
    def planned(self, stream=None):
        progress = Progress(stream or io.StringIO())
        for target in ("host", "vm"):
            progress.plan((target, "start"), 30)
            progress.plan((target, "load"), 60)
        return progress

    def test_guesses_add_up(self):
        """the time left is the sum of the guesses"""
        self.assertEqual(self.planned().left(), 180)

    def test_a_step_that_is_over_takes_no_more(self):
        """a finished step does not count for the time left"""
        progress = self.planned()
        progress.begin(("host", "start"), "starts")
        progress.end()
        self.assertEqual(progress.left(), 150)

    def test_what_was_measured_takes_the_guess_s_place(self):
        """a measured time replaces the guess of its kind"""
        progress = self.planned()
        progress.plan(("host", "start"), 30)
        progress.begin(("host", "start"), "starts")
        progress.end()
        self.assertLess(progress.left(), 151)

    def test_a_target_that_falls_out(self):
        """the steps of a dropped target do not count"""
        progress = self.planned()
        progress.forget("vm")
        self.assertEqual(progress.left(), 90)

    def test_plain_lines_where_there_is_no_terminal(self):
        """progress is printed as plain lines without a terminal"""
        stream = io.StringIO()
        progress = self.planned(stream)
        progress.begin(("host", "start"), "starts")
        progress.show("2 of 4")
        progress.say("so it is")
        self.assertEqual(stream.getvalue(), "bench: starts; 3:00 left\nbench: so it is\n")

    def test_one_line_that_changes_on_a_terminal(self):
        """progress is one changing line on a terminal"""
        stream = Terminal()
        progress = self.planned(stream)
        progress.begin(("host", "start"), "starts")
        progress.show("2 of 4")
        progress.say("so it is")
        self.assertEqual(
            stream.getvalue(),
            "\r\033[Kbench: starts; 3:00 left\r\033[Kbench: starts: 2 of 4; 3:00 left\r\033[Kbench: so it is\n",
        )


if __name__ == "__main__":
    unittest.main()
