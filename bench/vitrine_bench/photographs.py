"""Photographs to show and to upload: parts of those in Debian's wallpaper packages, cut out without decoding by
jpegtran. They are made once and kept."""

import json
import os
from dataclasses import dataclass

from vitrine_bench import processes

FOLDER = "/usr/share/backgrounds"
# Name, width and height, in whole blocks of 16 pixels.
SOURCES = (
    ("Kleiber_by_Lukas_Baubkus.jpg", 6016, 3376),
    ("Infinite-Sea_by_Aury88.jpg", 4096, 4096),
)
SMALL, SMALL_SIZE = 40, (1200, 800)
LARGE, LARGE_SIZE = 4, (2256, 1504)  # 3.4 megapixels
STAMP = 16
BOUNDARY = "vitrine-bench"


@dataclass
class Form:
    """A photograph as the body of an upload, in which 16 bytes make it a photograph that nobody else has."""

    path: str
    stamp: int  # where they are


def _cut(source, size, number, path):
    name, width, height = source
    left = number * 656 % (width - size[0]) // 16 * 16
    top = number * 368 % (height - size[1]) // 16 * 16
    where = f"{size[0]}x{size[1]}+{left}+{top}"
    processes.run(["jpegtran", "-copy", "none", "-crop", where, "-outfile", path, os.path.join(FOLDER, name)])


def _cut_all(folder, kind, count, size):
    paths = []
    for number in range(count):
        path = os.path.join(folder, f"{kind}-{number}.jpg")
        if not os.path.exists(path):
            _cut(SOURCES[number % len(SOURCES)], size, number // len(SOURCES), path + ".new")
            os.replace(path + ".new", path)
        paths.append(path)
    return paths


def cut_small(folder):
    """The gallery's: paths, in the order of their numbers."""
    os.makedirs(folder, exist_ok=True)
    return _cut_all(folder, "small", SMALL, SMALL_SIZE)


def cut_large(folder):
    """Those that are uploaded while it is measured."""
    os.makedirs(folder, exist_ok=True)
    return _cut_all(folder, "large", LARGE, LARGE_SIZE)


def form(photograph, name):
    """(body, place of the stamp): a form with one file. The stamp is a comment behind the JPEG's first marker; what
    comes after its last one, a decoder would not see."""
    head = (
        f"--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename={json.dumps(name)}\r\n"
        "Content-Type: image/jpeg\r\n\r\n"
    ).encode()
    before = head + photograph[:2] + b"\xff\xfe" + (STAMP + 2).to_bytes(2, "big")
    return before + b"0" * STAMP + photograph[2:] + f"\r\n--{BOUNDARY}--\r\n".encode(), len(before)


def write_forms(paths, folder, name):
    """A Form for each photograph, in files in the folder."""
    forms = []
    for number, path in enumerate(paths):
        with open(path, "rb") as file:
            body, stamp = form(file.read(), name)
        made = os.path.join(folder, f"form-{number}")
        with open(made, "wb") as file:
            file.write(body)
        forms.append(Form(made, stamp))
    return forms
