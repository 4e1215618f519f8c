"""Checks of what was said that take more than a look: presets, thresholds, event databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from pathlib import Path

from tradetop.cli.heartbeat import check_url
from tradetop.cli.refusal import Refusal
from tradetop.cli.targets import HEALTH_PATH
from tradetop.cli.themes import theme_folder
from tradetop.dashboards.choose import BUILT_IN, UnknownPresetError, preset
from tradetop.dashboards.file import unknown_overrides
from tradetop.document import Checks, DocumentError
from tradetop.document.thresholds import Levels
from tradetop.model.address import is_server, is_url
from tradetop.model.panel import Dashboard
from tradetop.model.target import Secret
from tradetop.scrape.credentials import auth_from, secret_from
from tradetop.scrape.locate import locate
from tradetop.theme.load import find as find_theme


def check_presets(names: Iterable[str]) -> None:
    """Refusal where a preset is unknown, or its file wrong."""
    for name in names:
        try:
            preset(name)
        except (UnknownPresetError, DocumentError) as error:
            raise Refusal(str(error)) from None


def config_checks(source: Path, environment: Mapping[str, str]) -> Checks:
    """What a configuration file's values must be beyond their form: URLs, presets, panels, themes, credentials."""
    named: list[Dashboard] = []

    def beside(file: str) -> str:
        return str(source.parent / Path(file).expanduser())

    def known_preset(name: str) -> None:
        dashboard = preset(beside(name) if name.endswith((".yaml", ".yml")) else name)
        if dashboard is not None:
            named.append(dashboard)

    def known_panel(panel: str) -> None:
        built_in = (dashboard for name in BUILT_IN if (dashboard := preset(name)) is not None)
        for problem in unknown_overrides({panel: Levels()}, str(source), (*built_in, *named)):
            raise ValueError(problem.text)

    health = partial(locate, path=HEALTH_PATH)
    return {
        "theme": _known_theme,
        "keys.*": _known_key,
        "targets[*].url": _known_place,
        "targets[*].tenant": _known_tenant,
        "targets[*].database": _known_store,
        "targets[*].health": health,
        "targets[*].health[*]": health,
        **_credentials(environment, beside),
        **_heartbeat(environment, beside),
        "notify.receivers[*].url_file": lambda file: _found_url(environment, beside(file), ""),
        "notify.receivers[*].url_env": lambda name: _found_url(environment, "", name),
        # The panels last: the presets name them.
        "targets[*].preset": known_preset,
        "targets[*].thresholds.*": known_panel,
        "thresholds.*": known_panel,
    }


def _known_theme(name: str) -> None:
    # What is wrong inside its file is no reason not to start.
    find_theme(name, theme_folder())


def _known_place(url: str) -> None:
    if is_server(url):
        # Imported late: it loads the evaluator.
        from tradetop.remote.address import server_at

        server_at(url)
    else:
        locate(url)


def _known_tenant(tenant: str) -> None:
    if not tenant.isascii() or not tenant.isprintable():
        raise ValueError("tenant goes into a header: write it in plain letters")


def _known_store(address: str) -> None:
    if is_url(address):
        # Imported late: most databases are files, which are looked for when they are opened.
        from tradetop.events.fault import EventError
        from tradetop.events.opening import check_address

        try:
            check_address(address)
        except EventError as error:
            raise ValueError(str(error)) from None


def _known_key(command: str) -> None:
    from tradetop.tui.keymap import check_id

    check_id(command)


def _credentials(environment: Mapping[str, str], beside: Callable[[str], str]) -> Checks:
    """Whether tokens and passwords are where the file says; `beside` gives the path of a file that it names."""

    def found(key: str, find: Callable[[str], str], **more: str) -> Callable[[str], None]:
        def check(text: str) -> None:
            try:
                auth_from(environment, **{key: find(text), **more})
            except ValueError as error:
                raise ValueError(str(error).removeprefix(f"{key}: ")) from None

        return check

    checks = {
        "token_file": found("token_file", beside),
        "token_env": found("token_env", str),
        "password_file": found("password_file", beside, user="any"),
        "password_env": found("password_env", str, user="any"),
    }
    places = ("targets[*].auth", "targets[*].database_auth")
    return {f"{place}.{key}": check for place in places for key, check in checks.items()}


def _heartbeat(environment: Mapping[str, str], beside: Callable[[str], str]) -> Checks:
    """Whether the URL of the heartbeat is where the file says, and is one."""

    def named(url: Secret | None) -> None:
        if url is not None:
            check_url(url.reveal())

    return {
        "heartbeat.url": check_url,
        "heartbeat.url_file": lambda file: named(secret_from(environment, "url", beside(file), "")[0]),
        "heartbeat.url_env": lambda variable: named(secret_from(environment, "url", "", variable)[0]),
    }


def _found_url(environment: Mapping[str, str], file: str, variable: str) -> None:
    try:
        secret_from(environment, "url", file, variable)
    except ValueError as error:
        raise ValueError(str(error).removeprefix("url_file: ").removeprefix("url_env: ")) from None
