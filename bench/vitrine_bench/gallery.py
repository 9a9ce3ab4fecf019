"""Uses the API of a running gallery: fills it, reads it, and deletes what a measurement has uploaded."""

import concurrent.futures
import http.client
import json
import re
from urllib.parse import quote, urlsplit

from vitrine_bench import photographs

TIMEOUT = 120


class Refused(Exception):
    """The gallery gave another answer than it should."""


class Gallery:
    def __init__(self, url, token=None):
        """token is the operator's, where there is one: it is needed for deleting."""
        self.url = url.rstrip("/")
        self.token = token
        parts = urlsplit(self.url)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connect = lambda: kind(parts.hostname, parts.port, timeout=TIMEOUT)
        self._prefix = parts.path

    def authorization(self):
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}

    def ask(self, method, path, body=None, headers=None, statuses=(200,), connection=None):
        """The body of the answer. Refused where its status is none of these."""
        own = connection is None
        connection = connection or self._connect()
        try:
            connection.request(method, self._prefix + path, body, self.authorization() | (headers or {}))
            answer = connection.getresponse()
            said = answer.read()
        except (OSError, http.client.HTTPException) as error:
            raise Refused(f"{self.url}{path}: {error}") from error
        finally:
            if own:
                connection.close()
        if answer.status not in statuses:
            raise Refused(f"{method} {path} was answered with {answer.status}: {said[:200]!r}")
        return said

    def listing(self, query=""):
        return json.loads(self.ask("GET", "/api/images" + query, headers={"Accept": "application/json"}))

    # ---- filling and emptying ----

    def fill(self, paths, count, report, clients=2):
        """Uploads as many of the photographs, round and round, each with bytes of its own; the same for every
        gallery. report(done) is called as it goes on."""
        bodies = []
        for path in paths:
            with open(path, "rb") as file:
                bodies.append(file.read())

        def upload(numbers):
            connection = self._connect()
            for number in numbers:
                body, stamp = photographs.form(bodies[number % len(bodies)], f"photograph {number}.jpg")
                after = stamp + photographs.STAMP
                body = body[:stamp] + f"{number:0{photographs.STAMP}d}".encode() + body[after:]
                kind = {"Content-Type": f"multipart/form-data; boundary={photographs.BOUNDARY}"}
                self.ask("POST", "/api/images", body, kind, (200, 201), connection)
                done.append(number)
                report(len(done))
            connection.close()

        done = []
        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            for future in [pool.submit(upload, range(first, count, clients)) for first in range(clients)]:
                future.result()

    def remove(self, word):
        """Deletes every image with this word in its name; the number of them."""
        removed = 0
        while images := self.listing(f"?limit=200&q={quote(word)}")["images"]:
            connection = self._connect()
            for image in images:
                self.ask("DELETE", f"/api/images/{image['id']}", statuses=(200, 204, 404), connection=connection)
            connection.close()
            removed += len(images)
        return removed

    def look(self, requests):
        """Asks for each once, one after the other: what is made at first sight, a thumbnail's WebP, is there then."""
        connection = self._connect()
        for request in requests:
            headers = dict(header.split(": ", 1) for header in request.headers)
            self.ask(request.method, request.path, headers=headers, connection=connection)
        connection.close()

    # ---- what a browser asks for ----

    def parts(self, path="/", known=None):
        """A page and all that it has a browser load at once, in that order."""
        known = known if known is not None else []
        if path in known:
            return known
        known.append(path)
        if not path.endswith((".js", "/")):
            return known
        text = self.ask("GET", path, headers={"Accept": "text/html"} if path == "/" else {}).decode()
        if path.endswith(".js"):
            loads = ["/" + name for name in re.findall(r'^import .*from "\./(.*)";', text, re.MULTILINE)]
        else:
            loads = re.findall(r'(?:src|href)="(/[A-Za-z0-9/._-]+\.[a-z]+)"', text)
        for load in loads:
            self.parts(load, known)
        return known

    def thumbnails(self, count):
        """Paths of as many thumbnails as the grid shows them, of the newest images."""
        return [image["thumbs"]["320"] for image in self.listing(f"?limit={count}")["images"]]
