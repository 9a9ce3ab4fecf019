"""A gallery that runs elsewhere: the bench only sends requests to it."""

from urllib.parse import urlsplit

from vitrine_bench import health, targets


class Url(targets.Target):
    name = "url"
    can_start = False
    prepare_seconds = 1.0

    def __init__(self, bench, url):
        super().__init__(bench)
        self.url = url.rstrip("/")
        parts = urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
            raise targets.Unavailable(f"{url}: http://host:port is needed")
        self.label = parts.netloc.rpartition("@")[2]
        self.description = "a gallery that runs already"

    def prepare(self):
        if urlsplit(self.url).scheme == "http" and not health.is_answered(self._address(), self.label):
            raise targets.Unavailable(f"{self.url} does not answer")

    def _address(self):
        parts = urlsplit(self.url)
        return parts.hostname, parts.port or 80

    def start(self):
        raise health.NoAnswer(f"{self.url} is not the bench's to start")
