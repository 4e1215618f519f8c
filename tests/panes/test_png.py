"""PNG: drawn from the SVG where the package is there, else said in a line."""

from __future__ import annotations

import struct
import subprocess
import sys
import zlib

import pytest

from panes.frames import sample_frame
from tradetop.panes.export import as_svg
from tradetop.panes.layout import screen
from tradetop.panes.look import Look
from tradetop.panes.png import ZOOM, NoPictureError, as_png
from tradetop.theme import load


def test_a_png_is_as_large_as_its_svg_and_not_empty() -> None:
    pytest.importorskip("resvg_py", reason="the extra tradetop[png] is not installed")
    svg = as_svg(screen(sample_frame(), Look(), 80, 24), 80, 24, load("midnight"), "x")
    try:
        png = as_png(svg)
    except NoPictureError as error:
        pytest.skip(str(error))
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", png[16:24])
    assert (width, height) == (round(700 * ZOOM), round(480 * ZOOM))
    at = png.index(b"IDAT")
    size = struct.unpack(">I", png[at - 4 : at])[0]
    assert len(set(zlib.decompressobj().decompress(png[at + 4 : at + 4 + size]))) > 50


def test_without_the_package_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "resvg_py", None)
    with pytest.raises(NoPictureError, match=r"pip install 'tradetop\[png\]'"):
        as_png("<svg/>")


def test_it_is_not_imported_before_it_is_needed() -> None:
    modules = "tradetop.panes.png, tradetop.panes.export, tradetop.cli.snapshots"
    wanted = f"import sys, {modules}; print('resvg_py' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", wanted], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "False"
