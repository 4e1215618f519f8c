"""Credentials from files and environment variables, never from the command line."""

from __future__ import annotations

import stat
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from tradetop.model.target import Auth, Secret
from tradetop.model.text import clean

SIZE_LIMIT = 64 * 1024
"""Most bytes of a file that is taken for a token or a password."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials, and what their owner should know of how they are kept."""

    auth: Auth
    warnings: tuple[str, ...] = ()
    """Lines for people, such as that others can read the file."""


def auth_from(
    environment: Mapping[str, str],
    *,
    token_file: str = "",
    token_env: str = "",
    user: str = "",
    password_file: str = "",
    password_env: str = "",
) -> Credentials:
    """A bearer token, or a user and a password, each from a file or from the environment variable of that name.

    Raises ValueError with a line for people, which never holds a secret, where one of them is missing or unclear.
    """
    token, token_warnings = secret_from(environment, "token", token_file, token_env)
    password, password_warnings = secret_from(environment, "password", password_file, password_env)
    if token is not None and (user or password is not None):
        raise ValueError("a target takes a token, or a user and a password, not both: drop one of them")
    if password is not None and not user:
        raise ValueError("a password needs its user: set user")
    if user and password is None:
        raise ValueError("a user needs a password: set password_file or password_env")
    auth = Auth(bearer=token, user=user, password=password, file=token_file or password_file)
    return Credentials(auth, token_warnings + password_warnings)


def renewed(auth: Auth) -> Auth:
    """Credentials as their file has them by now; ValueError with a line for people where it cannot be read."""
    if not auth.file:
        return auth
    try:
        status = Path(auth.file).expanduser().stat()
    except OSError as error:
        what = "token" if auth.bearer is not None else "password"
        why = error.strerror or "unknown reason"
        raise ValueError(f"{what}_file: cannot read {clean(auth.file, 200)}: {why}") from None
    return _read_again(auth.file, auth.bearer is not None, auth.user, status.st_mtime_ns, status.st_size)


@lru_cache(maxsize=64)
def _read_again(file: str, is_token: bool, user: str, changed: int, size: int) -> Auth:  # noqa: ARG001 - parts of the key
    secret, _ = secret_from({}, "token" if is_token else "password", file, "")
    return Auth(bearer=secret, file=file) if is_token else Auth(user=user, password=secret, file=file)


def secret_from(
    environment: Mapping[str, str], what: str, file: str, variable: str
) -> tuple[Secret | None, tuple[str, ...]]:
    """The secret in a file or an environment variable, None where neither is named, and lines for its owner.

    `what` it is begins the line of the ValueError that says why it cannot be had.
    """
    if file and variable:
        raise ValueError(f"{what}_file and {what}_env are both set: keep one of them")
    if variable:
        text = environment.get(variable, "").strip()
        if not text:
            raise ValueError(f"{what}_env: the environment variable {clean(variable, 80)} is not set, or empty")
        return _checked(text, f"{what}_env {clean(variable, 80)}"), ()
    if not file:
        return None, ()
    path, shown = Path(file).expanduser(), clean(file, 200)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise ValueError(f"{what}_file: {shown} is not a file")
        if status.st_size > SIZE_LIMIT:
            raise ValueError(f"{what}_file: {shown} holds {status.st_size:,} bytes: that is no {what}")
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise ValueError(f"{what}_file: cannot read {shown}: {error.strerror or 'unknown reason'}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{what}_file: {shown} is not UTF-8 text") from None
    if not text:
        raise ValueError(f"{what}_file: {shown} is empty")
    open_to_others = status.st_mode & (stat.S_IRGRP | stat.S_IROTH)
    warning = f"{what}_file: other users can read {shown}: chmod 600 {shown}"
    return _checked(text, f"{what}_file {shown}"), (warning,) if open_to_others else ()


def _checked(text: str, where: str) -> Secret:
    if not text.isprintable():
        raise ValueError(f"{where}: holds line breaks or control characters, which no header may carry")
    return Secret(text)
