from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ElementTree
from dataclasses import fields, replace
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panes.frames import sample_bot, sample_detail, sample_fleet, sample_frame, series
from tradetop.panes import cells
from tradetop.panes.draw.digits import big
from tradetop.panes.export import as_json, as_svg, as_text
from tradetop.panes.glyphs import marks, numbered, shown
from tradetop.panes.layout import screen
from tradetop.panes.look import Glyphs, Look, ScreenName
from tradetop.panes.row import Box, Span
from tradetop.panes.shapes import shape
from tradetop.redact import redact
from tradetop.theme import load, names
from tradetop.theme.roles import Role

SVG = "{http://www.w3.org/2000/svg}"


def test_text_has_the_screens_lines() -> None:
    text = as_text(screen(sample_frame(), Look(mono=True), 80, 24), 80, 24)
    assert len(text.splitlines()) == 24
    assert text.endswith("\n")
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("theme", names())
def test_a_picture_is_valid_xml_in_every_theme(theme: str) -> None:
    svg = as_svg(screen(sample_frame(), Look(), 120, 40), 120, 40, load(theme), "tradetop · 247trader-v2")
    root = ElementTree.fromstring(svg)
    assert root.tag == f"{SVG}svg"
    assert float(root.attrib["width"]) > 1_000


def test_a_picture_says_every_word_of_the_screen() -> None:
    svg = as_svg(screen(sample_frame(), Look(), 120, 40), 120, 40, load("midnight"), "x")
    words = {t.text for t in ElementTree.fromstring(svg).iter(f"{SVG}text")}
    for word in ("247trader-v2", "RateLimitCritical", "momentum", "products", "P&L"):
        assert word in words


def test_a_picture_needs_no_font_for_lines_and_dots() -> None:
    svg = as_svg(screen(sample_frame(), Look(), 120, 40), 120, 40, load("midnight"), "x")
    drawn = "".join(t.text or "" for t in ElementTree.fromstring(svg).iter(f"{SVG}text"))
    assert not [c for c in drawn if "\u2500" <= c <= "\u25ff" or "\u2800" <= c <= "\u28ff"]


def test_markup_in_a_text_stays_text() -> None:
    evil = Box("x", 0, 0, 30, 1, ((Span("<script>alert(1)</script>&amp;", Role.FOREGROUND),),))
    svg = as_svg([evil], 30, 1, load("midnight"), '"><script>')
    root = ElementTree.fromstring(svg)
    assert not [e for e in root.iter() if e.tag.endswith("script")]
    assert "<script>alert(1)</script>&amp;" in "".join(t.text or "" for t in root.iter(f"{SVG}text"))


def test_json_has_every_panel_with_its_numbers_and_sources() -> None:
    frame = sample_frame()
    value = json.loads(as_json(frame))
    panels = {p["id"]: p for p in value["panels"]}
    assert len(panels) == len(frame.panels)
    exposure = panels["exposure"]
    assert exposure["title"] == "Exposure %"
    assert (exposure["value"], exposure["unit"], exposure["level"]) == (21.6, "percent", "warning")
    assert exposure["expressions"] == ["trader_exposure_pct"]
    assert len(panels["rate_limiter"]["series"]) == 6
    assert value["alerts"][0]["name"] == "RateLimitCritical"
    assert value["limits"][0]["closeness"] > 1
    assert value["bots"][0]["health"][0] == {
        "role": "live", "state": "healthy", "latency_s": 0.003, "reason": "", "components": [], "issues": [],
    }  # fmt: skip


def test_json_has_no_number_that_json_does_not_know() -> None:
    frame = sample_frame()
    head = frame.panels[0]
    bad = replace(head, series=(series(head.panel, math.nan), series(head.panel, math.inf)))
    value = json.loads(as_json(replace(frame, panels=(bad,))), parse_constant=lambda c: pytest.fail(c))
    assert [s["value"] for s in value["panels"][0]["series"]] == [None, None]


def test_json_says_what_is_not_known() -> None:
    value = json.loads(as_json(sample_frame(never_set=True)))
    assert next(p for p in value["panels"] if p["id"] == "daily_pnl")["presence"] == "never set"
    dead = json.loads(as_json(sample_frame(dead=True)))
    assert dead["bots"][0]["up"] is False
    assert "was firing" in [a["state"] for a in dead["alerts"]]


def test_json_of_several_bots_names_no_subject() -> None:
    value = json.loads(as_json(sample_fleet()))
    assert value["bot"] is None
    assert [b["name"] for b in value["bots"]] == ["247trader-v2", "polybot", "sniper-sol", "grid"]
    assert sample_bot().name == value["bots"][0]["name"]


def texts(svg: str) -> list[tuple[str, list[float]]]:
    """The words of a picture with the places of their characters."""
    root = ElementTree.fromstring(svg)
    return [(t.text or "", [float(x) for x in t.attrib["x"].split()]) for t in root.iter(f"{SVG}text")][1:]


def pictured(text: str, **style: bool) -> str:
    return as_svg([Box("x", 0, 0, 40, 1, ((Span(text, **style),),))], 40, 1, load("midnight"), "x")


LETTERS = "…—–›‹×±°µ’‘“”€£¥₿·"
"""Signs that every font has, since they belong to writing."""


def test_every_glyph_that_the_panes_draw_is_a_path() -> None:
    drawn = "".join(getattr(marks(g), f.name) for g in Glyphs for f in fields(marks(g)))
    drawn += "".join(numbered(n, Glyphs.BRAILLE) for n in range(10)) + "".join(map(chr, range(0x2800, 0x2900)))
    drawn += "".join(row for digit in "0123456789+-—,.• " for row in big(digit) or ())
    for glyphs in Glyphs:
        for screen_name in ScreenName:
            frame = sample_detail() if screen_name is ScreenName.DETAIL else sample_frame(dead=glyphs is Glyphs.BLOCK)
            drawn += as_text(screen(frame, Look(screen=screen_name, glyphs=glyphs), 200, 55), 200, 55)
            drawn += as_text(screen(redact(frame), Look(glyphs=glyphs, mono=True), 120, 40), 120, 40)
    drawn = drawn.replace("\n", " ")
    drawn += "".join(shown(drawn, glyphs) for glyphs in Glyphs)
    left = {c for c in drawn if not c.isascii() and not c.isalpha() and c not in LETTERS and shape(c) is None}
    assert left == set()


def test_each_character_of_a_word_has_its_cell() -> None:
    ((said, places),) = texts(pictured("momentum"))
    assert said == "momentum"
    assert [round(b - a, 1) for a, b in pairwise(places)] == [8.4] * 7


def test_wide_characters_take_two_cells_and_combining_ones_none() -> None:
    assert texts(pictured("日本x")) == [("日本x", [14.0, 30.8, 47.6])]
    assert texts(pictured("ne\u0301e")) == [("n", [14.0]), ("e\u0301", [22.4]), ("e", [30.8])]


def test_signs_that_a_font_would_join_stay_apart() -> None:
    assert [said for said, _ in texts(pictured("a->b != c"))] == ["a-", ">b", "!", "=", "c"]


def test_bold_reverse_and_background_are_drawn() -> None:
    assert 'font-weight="700"' in pictured("x", bold=True)
    assert pictured("x", reverse=True).count("<rect") == pictured("x").count("<rect") + 1


@given(st.text(st.characters(codec=None), max_size=40), st.text(st.characters(codec=None), max_size=10))
def test_a_picture_is_valid_xml_whatever_the_text_is(text: str, title: str) -> None:
    box = Box("x", 0, 0, 200, 1, ((Span(text),),))
    ElementTree.fromstring(as_svg([box], 200, 1, load("midnight"), title).encode())


@given(st.lists(st.sampled_from(["ab", "日本", "e\u0301x", "한국어", "\u2800⣿", "-"]), min_size=1, max_size=5))
def test_text_is_aligned_whatever_the_width_of_its_characters(words: list[str]) -> None:
    """What stands right of a wide or combined text stands where it stands on the screen."""
    said = "".join(words)
    left = Box("left", 0, 0, 30, 1, ((Span(cells.fit(said, 30)),),))
    right = Box("right", 30, 0, 10, 1, ((Span("|"),),))
    line = as_text([right, left], 40, 1).rstrip("\n")
    assert cells.width(line[: line.index("|")]) == 30
