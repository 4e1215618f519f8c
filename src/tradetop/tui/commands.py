"""Commands: everything that can be done by name, found by a few letters of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tradetop.model.frame import Frame
from tradetop.model.panel_frame import PanelFrame, SeriesFrame
from tradetop.model.view import SPANS, Focus
from tradetop.panes import times
from tradetop.panes.look import Choice, Glyphs, Look, ScreenName
from tradetop.panes.sorting import columns
from tradetop.tui.adjust import window_name
from tradetop.tui.keys import KEYS
from tradetop.tui.state import LEVELS, Go, Scene, State, said, to_bot

_SELF = "command"
_LAST = "panes way down"
"""Sections whose keys everybody has in the fingers: they come last."""
_WORDS = re.compile(r"[^\W_]+")
MOST = 500
"""Series that are offered by name."""


def choices(state: State, scene: Scene) -> tuple[Choice, ...]:
    """Every command that has a meaning here, in the order of the table, then every place to go to."""
    keys = sorted((key for key in KEYS if key.id != _SELF), key=lambda key: _LAST.find(key.section))
    table = [
        Choice(key.id, _title(key.id, key.text), key.section, scene.keymap.shown(key.id, state.look.glyphs))
        for key in keys
        if state.look.screen in key.screens
    ]
    return (*table, *_settings(state.look, scene), *_places(state, scene.frame))


def matching(offered: Iterable[Choice], text: str) -> tuple[Choice, ...]:
    """The choices that a text may mean, the likeliest first; all of them where nothing is said."""
    words = text.lower().split()
    ranked = ((sum(ranks), index, choice) for index, (ranks, choice) in enumerate(_ranked(offered, words)))
    return tuple(choice for _, _, choice in sorted(ranked, key=lambda found: found[:2]))


def _ranked(offered: Iterable[Choice], words: Sequence[str]) -> Iterator[tuple[list[int], Choice]]:
    for choice in offered:
        title, about = choice.title.lower(), choice.about.lower()
        ranks = [min(_rank(word, title), _ABOUT if word in about else _NEVER) for word in words]
        if all(rank < _NEVER for rank in ranks):
            yield ranks, choice


_ABOUT, _NEVER = 6, 100
_LONGEST = 12
"""Letters of which the beginnings of words may be put together."""


def _rank(word: str, title: str) -> int:
    """How far a title is from what was typed: its beginning, a word's, pieces of words, inside, letters in order."""
    if title.startswith(word):
        return 0
    words = _WORDS.findall(title)
    if any(part.startswith(word) for part in words):
        return 1
    if len(word) <= _LONGEST and _pieces(word, words):
        return 2 if word[0] == title[0] else 3
    if word in title:
        return 4
    return 5 if _in_order(word, title) else _NEVER


def _pieces(letters: str, words: Sequence[str]) -> bool:
    """Whether the letters are beginnings of some of the words, in their order: `thpa` of `theme paper`."""
    return not letters or any(
        _pieces(letters[size:], words[index + 1 :])
        for index, word in enumerate(words)
        for size in range(1, min(len(letters), len(word)) + 1)
        if word.startswith(letters[:size])
    )


def _in_order(letters: str, text: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters)


def _title(id: str, text: str) -> str:
    return f"pane {id.removeprefix('pane-')}" if id.startswith("pane-") else text


def _settings(look: Look, scene: Scene) -> Iterator[Choice]:
    yield from (Choice(f"window:{span}", f"window {window_name(span)}", "time") for span in SPANS)
    names = () if scene.frame is None else columns(scene.frame, look)
    yield from (Choice(f"sort:{index}", f"sort by {name}", "tables") for index, name in enumerate(names))
    yield from (Choice(f"theme:{name}", f"theme {name}", "looks") for name in scene.themes)
    yield Choice("reload:rules", "reload rules", "program")
    yield from (Choice(f"glyphs:{glyphs.value}", f"glyphs {glyphs.value}", "looks") for glyphs in Glyphs)


def _places(state: State, frame: Frame | None) -> Iterator[Choice]:
    if frame is None:
        return
    if len(frame.bots) > 1:
        yield Choice("bot:all", "all bots", "bots")
        yield from (Choice(f"bot:{i}", f"bot {bot.name}", bot.mode.value) for i, bot in enumerate(frame.bots))
    if state.look.screen is ScreenName.DETAIL:
        for what in ("value", "expression", "line"):
            yield Choice(f"copy:{what}", f"copy the {what}", "share")
        for mark in frame.marks:
            yield Choice(f"at:{mark.t}", f"to the mark {mark.text}", times.clock(mark.t, state.look.offset))
    shown = [panel for panel in frame.panels if panel.first is not None]
    yield from (Choice(f"panel:{p.panel.id}", f"panel {p.panel.title}", p.panel.pane.value) for p in shown)
    many = ((p, s) for p in shown if len(p.series) > 1 for s in p.series)
    for _, (panel, series) in zip(range(MOST), many, strict=False):
        yield Choice(_series_id(panel, series), f"series {series.legend}", panel.panel.title)


def _series_id(panel: PanelFrame, series: SeriesFrame) -> str:
    return f"series:{panel.panel.id}:{series.query}:{series.labels}"


# What the commands with an argument do


def _bot(state: State, _: Scene, index: str) -> State:
    above = tuple(look for look in state.trail if look.screen is ScreenName.FLEET)
    return to_bot(replace(state, trail=() if index == "all" else above), None if index == "all" else int(index))


def _panel(state: State, scene: Scene, id: str) -> State:
    panel = None if scene.frame is None else scene.frame.panel(id)
    if panel is None or panel.first is None:
        return said(state, "that panel has no values now")
    return _down(state, scene, panel, panel.first)


def _series(state: State, scene: Scene, id: str) -> State:
    every = () if scene.frame is None else ((p, s) for p in scene.frame.panels for s in p.series)
    found = next(((p, s) for p, s in every if _series_id(p, s) == f"series:{id}"), None)
    return said(state, "that series is gone") if found is None else _down(state, scene, *found)


def _down(state: State, scene: Scene, panel: PanelFrame, series: SeriesFrame) -> State:
    """To a series from anywhere: Esc leads to where the person was, or out of another series."""
    look = state.look
    above = (*state.trail, look) if look.screen in LEVELS else state.trail
    trail = tuple(level for level in above if level.screen in LEVELS)
    detail = replace(look, screen=ScreenName.DETAIL, selected=0, scroll=0, event="", crumbs=())
    focus = scene.asked(Focus(panel.panel.id, series.query, series.labels))
    return replace(
        state, look=detail, view=replace(state.view, focus=focus, alert=None, event="", errors=""), trail=trail
    )


def _at(state: State, _: Scene, t: str) -> State:
    focus = state.view.focus
    return state if focus is None else replace(state, view=replace(state.view, focus=replace(focus, at=int(t))))


PLACES: Mapping[str, Go] = {"bot": _bot, "panel": _panel, "series": _series, "at": _at}
"""What the commands with an argument mean, by what stands before the colon."""
