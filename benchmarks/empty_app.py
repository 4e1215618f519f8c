"""The least that a Textual program can be: what every figure is compared with."""

from textual.app import App, ComposeResult
from textual.widgets import Static


class Empty(App[None]):
    """One word."""

    ENABLE_COMMAND_PALETTE = False

    def compose(self) -> ComposeResult:
        yield Static("Empty")


if __name__ == "__main__":
    Empty().run()
