"""Redacted: keys find their way in what is seen, the source is asked by the names that it knows."""

from __future__ import annotations

from dataclasses import replace

from panes.frames import sample_bot, sample_detail, sample_fleet, sample_frame
from tradetop.model.frame import Frame
from tradetop.model.labels import Labels
from tradetop.model.view import View
from tradetop.panes.look import Look, ScreenName
from tui.fakes import FakeSource
from tui.session import Session, running

ACCOUNTS = ("zulu-7781", "alfa-9915")
"""By their names in another order than by the letters that stand for them."""


def with_accounts() -> Frame:
    """A frame whose rate limits belong to accounts, each with a size of its own."""
    frame = sample_frame()
    panel = next(p for p in frame.panels if p.panel.pane.value == "rates" and len(p.series) > 1)
    found = tuple(
        replace(s, legend=name, labels=Labels({"account": name}))
        for s, name in zip(panel.series, ACCOUNTS, strict=False)
    )
    panels = tuple(replace(p, series=found) if p is panel else p for p in frame.panels)
    return replace(frame, panels=panels, limits=(), alerts=())


class Accounts(FakeSource):
    """Answers a view with a focus by the detail of the series asked for."""

    def look(self, view: View) -> None:
        self.views.append(view)
        frame = self.frame
        if view.focus is not None and frame is not None:
            detail = sample_detail().detail
            frame = replace(frame, detail=detail)
        self.publish(replace(frame, view=view))


def rows(session: Session) -> list[str]:
    return [line for line in session.text.splitlines() if "•••" in line]


async def test_the_row_under_the_cursor_is_opened_whatever_its_label_is_hidden_as() -> None:
    frame = with_accounts()
    for steps, name in enumerate(ACCOUNTS):
        source = Accounts(frame)
        async with running(frame, source=source, look=Look(redacted=True)) as session:
            for key in ("4", *["j"] * steps, "enter"):
                await session.tap(key)
            focus = source.views[-1].focus
            assert focus is not None
            assert focus.labels == Labels({"account": name})
            await session.until("stats")
            assert session.app.look.screen is ScreenName.DETAIL
            assert not any(account in session.text for account in ACCOUNTS)


async def test_a_table_sorted_by_a_hidden_name_has_one_order_for_the_eye_and_the_cursor() -> None:
    frame = with_accounts()
    source = Accounts(frame)
    async with running(frame, source=source, look=Look(redacted=True)) as session:
        for key in ("4", ">", "enter"):
            await session.tap(key)
        focus = source.views[-1].focus
        # `•••a` stands for the first: by letters it comes first, by its own name it would not.
        assert focus is not None
        assert focus.labels == Labels({"account": ACCOUNTS[0]})


async def test_the_palette_names_neither_hosts_nor_accounts() -> None:
    frame = with_accounts()
    async with running(frame, look=Look(redacted=True)) as session:
        await session.tap(":")
        await session.type("series")
        assert "series •••" in session.text
        assert not any(account in session.text for account in ACCOUNTS)
    fleet = replace(sample_fleet(), bots=(sample_bot("box-7.example.com:8000"), sample_bot("polybot")))
    async with running(fleet, look=Look(redacted=True)) as session:
        await session.tap(":")
        await session.type("bot ")
        assert "polybot" in session.text
        assert "box-7" not in session.text


async def test_lines_say_nothing_that_is_hidden() -> None:
    async with running(notebook=Book(), look=Look(redacted=True)) as session:
        await session.tap("m")
        await session.type("paid 12,345.67 to box-7.example.com")
        await session.tap("enter")
        assert "marked" in session.footer
        assert "12,345" not in session.footer
        assert "box-7" not in session.footer


class Book:
    """Takes every mark."""

    def mark(self, bot: int | None, t: int, text: str) -> None:
        """Nothing is kept."""
