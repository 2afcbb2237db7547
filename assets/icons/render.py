#!/usr/bin/env python3
"""Renders every icon from ketu.svg. Needs rsvg-convert (Debian: librsvg2-bin); run it after changing the drawing."""

import struct
import subprocess
from pathlib import Path

HERE = Path(__file__).resolve().parent
PNG = {"32x32.png": 32, "128x128.png": 128, "128x128@2x.png": 256, "icon.png": 512}
ICO = [16, 24, 32, 48, 64, 256]
ICNS = {b"ic11": 32, b"ic12": 64, b"ic07": 128, b"ic13": 256, b"ic09": 512, b"ic10": 1024}


def render(size: int) -> bytes:
    command = ["rsvg-convert", "--width", str(size), "--height", str(size), str(HERE / "ketu.svg")]
    return subprocess.run(command, check=True, capture_output=True).stdout


def ico() -> bytes:
    """Windows: a directory of entries, each a whole PNG; a size of 256 is written as 0."""
    images = [render(size) for size in ICO]
    offset = 6 + 16 * len(images)
    entries = b""
    for size, image in zip(ICO, images):
        entries += struct.pack("<BBBBHHII", size % 256, size % 256, 0, 0, 1, 32, len(image), offset)
        offset += len(image)
    return struct.pack("<HHH", 0, 1, len(images)) + entries + b"".join(images)


def icns() -> bytes:
    """macOS: tagged blocks, each with its length including the tag."""
    blocks = b""
    for tag, size in ICNS.items():
        image = render(size)
        blocks += tag + struct.pack(">I", len(image) + 8) + image
    return b"icns" + struct.pack(">I", len(blocks) + 8) + blocks


def main() -> None:
    for name, size in PNG.items():
        (HERE / name).write_bytes(render(size))
    (HERE / "ketu.ico").write_bytes(ico())
    (HERE / "ketu.icns").write_bytes(icns())


main()
