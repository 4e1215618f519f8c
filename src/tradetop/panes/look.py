"""Looks: the state of the screen that is not data, such as focus, tab and glyph set."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tradetop.ask.answer import Reply
from tradetop.model.panel import PaneName


class Glyphs(Enum):
    """Which characters the terminal can draw."""

    BRAILLE = "braille"
    BLOCK = "block"
    ASCII = "ascii"


class ScreenName(Enum):
    """What fills the terminal."""

    OVERVIEW = "overview"
    FLEET = "fleet"
    DASHBOARD = "dashboard"
    LADDER = "ladder"
    DETAIL = "detail"
    EXPLAIN = "explain"
    ERRORS = "errors"
    """Those that are alike, one by one."""
    EVENT = "event"
    JSON = "json"
    ANSWER = "answer"
    HELP = "help"


@dataclass(frozen=True, slots=True)
class Hint:
    """A key and what it does, for the footer and the help screen."""

    key: str
    text: str
    section: str = ""


class PromptKind(Enum):
    """What a line is typed for; the value is what stands before it."""

    FILTER = "/"
    COMMAND = ":"
    MARK = "mark"
    SNOOZE = "snooze"
    ASK = "ask"
    SQL = "sql"
    """A model's, of several lines: it stands on the screen of its answer."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A line of the command palette."""

    id: str
    title: str
    about: str = ""
    key: str = ""
    """The key that does the same, as people read it."""


@dataclass(frozen=True, slots=True)
class Prompt:
    """A line that is being typed, in place of the footer."""

    kind: PromptKind
    text: str = ""
    at: int = 0
    """Characters before the cursor."""
    choices: tuple[Choice, ...] = ()
    """What it may mean, the likeliest first."""
    chosen: int = 0
    problem: str = ""
    """Why what has been typed cannot be taken as it is."""
    about: str = ""
    """The fingerprint of the alert that it is about."""
    subject: str = ""
    """The name of that alert."""
    past: tuple[str, ...] = ()
    """Questions that were asked before, oldest first."""
    back: int = 0
    """Which of them is shown, from the newest; 0 for what was typed."""
    own: str = ""
    """What was typed before one of them was brought back."""


@dataclass(frozen=True, slots=True)
class Sort:
    """How the rows of one table are ordered."""

    table: str
    """Value of the pane or of the screen."""
    column: int = 0
    """Index among the columns by which that table can be sorted."""
    inverted: bool = False


@dataclass(frozen=True, slots=True)
class Look:
    """How the person looks at a frame; with the frame it decides every cell of the screen."""

    screen: ScreenName = ScreenName.OVERVIEW
    focus: PaneName | None = None
    zoomed: bool = False
    tab: PaneName = PaneName.EVENTS
    """Which pane the compact layout shows in its tabbed place."""
    selected: int = 0
    """Row under the cursor in the focused pane, from 0; for the feed from the newest."""
    scroll: int = 0
    """First row shown of a screen that is taller than the terminal; 0 follows the cursor where there is one.

    For the feed how many newer events have come in below the window since the person began to read in it.
    """
    following: bool = True
    paused: bool = False
    glyphs: Glyphs = Glyphs.BRAILLE
    mono: bool = False
    """No colour: meaning lies in glyphs and frames alone."""
    ticks: bool = False
    """Few colours: gauges show unlit cells and thresholds as glyphs, since dim tints cannot be told apart."""
    offset: int = 0
    """Minutes east of UTC that times are shown in."""
    zone: str = "UTC"
    hints: tuple[Hint, ...] = ()
    rebound: tuple[tuple[str, str], ...] = ()
    """Keys that the person moved: as everybody else reads them, and as they are now; "" where there is none."""
    notice: str = ""
    """One passing line, such as where a screenshot went."""
    event: str = ""
    """Id of the event that the event screen shows; "" for the one under the cursor."""
    crumbs: tuple[str, ...] = ()
    """Names of the levels above, the outermost first."""
    prompt: Prompt | None = None
    sorts: tuple[Sort, ...] = ()
    """The tables whose order the person chose."""
    redacted: bool = False
    """Amounts, quantities, ids and hosts are hidden: every frame is redacted before it is drawn."""
    slow: bool = False
    """The link is slow: what ticks without telling anything stands still."""
    reply: Reply | None = None
    """What the screen of an answer shows."""
    traffic: float | None = None
    """Bytes per second that the screen lately cost, for the help; None where nobody counts."""

    def own_key(self, name: str) -> str:
        """What the person presses instead of a key, or of several with blanks between them."""
        own = dict(self.rebound)
        return " ".join(filter(None, (own.get(key, key) for key in name.split())))

    def sort(self, table: str) -> Sort | None:
        """The order that the person chose for a table."""
        return next((s for s in self.sorts if s.table == table), None)
