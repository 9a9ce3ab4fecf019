"""The workloads: requests in the formats of load_at_rate and wrk.

browse    a visit: the page, its scripts and styles, the listing's first page, 50 thumbnails, with the headers of
          Chromium, which accepts WebP
listing   only the listing: the first page, which nginx sends from a file, and one by name, which a worker makes
upload    photographs of 3.4 megapixels, as forms, each with unique bytes
mixed     browse while uploads run
"""

import json
import os
from dataclasses import dataclass, field

from vitrine_bench import photographs

THUMBNAILS = 50
ENCODING = "Accept-Encoding: gzip, deflate, br"
AGENT = (
    "User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
)
ACCEPT = {
    "page": "Accept: text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8",
    "css": "Accept: text/css,*/*;q=0.1",
    "image": "Accept: image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8",
    "any": "Accept: */*",
}
LISTINGS = ("/api/images", "/api/images?sort=name")


@dataclass
class Request:
    path: str
    method: str = "GET"
    headers: list[str] = field(default_factory=list)
    status: int = 200
    form: photographs.Form | None = None


def _get(path, kind):
    return Request(path, headers=[ACCEPT[kind], ENCODING, AGENT])


def _kind(path):
    if path == "/":
        return "page"
    if path.endswith(".css"):
        return "css"
    return "image" if path.endswith(".svg") else "any"


def browse(gallery):
    """A visit to the gallery in its present state."""
    visit = [_get(path, _kind(path)) for path in gallery.parts()]
    visit.append(_get("/api/images", "any"))
    return visit + [_get(path, "image") for path in gallery.thumbnails(THUMBNAILS)]


def listing():
    return [_get(path, "any") for path in LISTINGS]


def upload(forms, gallery):
    headers = [f"Content-Type: multipart/form-data; boundary={photographs.BOUNDARY}", "Accept: application/json"]
    headers += [f"{name}: {value}" for name, value in gallery.authorization().items()]
    return [Request("/api/images", "POST", headers, 201, form) for form in forms]


# ---- files for the tools ----


def write_lines(requests, path):
    """Writes requests for load_at_rate: see bench/load_requests.h."""
    with open(path, "w", encoding="utf-8") as file:
        for request in requests:
            line = {"method": request.method, "path": request.path, "headers": request.headers}
            line["status"] = request.status
            if request.form:
                line |= {"body": request.form.path, "stamp": request.form.stamp}
            file.write(json.dumps(line) + "\n")


def _lua(value):
    """A string of Lua, written byte by byte, so that no character is special."""
    return '"' + "".join(f"\\{byte:03d}" for byte in value.encode()) + '"'


def write_lua(requests, path):
    """Writes requests for load.lua, as a table with the same content."""
    with open(path, "w", encoding="ascii") as file:
        file.write("return {\n")
        for request in requests:
            pairs = (header.split(": ", 1) for header in request.headers)
            headers = ", ".join(f"[{_lua(name)}] = {_lua(value)}" for name, value in pairs)
            form = request.form
            body = f", body = {_lua(form.path)}, stamp = {form.stamp}" if form else ""
            path_method = f"path = {_lua(request.path)}, method = {_lua(request.method)}"
            file.write(f"{{{path_method}, headers = {{{headers}}}{body}}},\n")
        file.write("}\n")


@dataclass
class Files:
    """The requests of one workload, in a file for each tool."""

    lines: str
    lua: str


def write(requests, folder, name):
    files = Files(os.path.join(folder, f"{name}.jsonl"), os.path.join(folder, f"{name}.lua"))
    write_lines(requests, files.lines)
    write_lua(requests, files.lua)
    return files
