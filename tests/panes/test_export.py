from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import pytest

from panes.frames import sample_bot, sample_fleet, sample_frame, series
from tradetop.panes.export import as_json, as_svg, as_text
from tradetop.panes.layout import screen
from tradetop.panes.look import Look
from tradetop.panes.row import Box, Span
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
    assert "<script>alert(1)</script>&amp;" in [t.text for t in root.iter(f"{SVG}text")]


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
