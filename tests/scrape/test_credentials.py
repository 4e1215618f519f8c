from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from tradetop.scrape.credentials import auth_from

SECRET = "hunter2-and-more"


def secret_file(tmp_path: Path, text: str = SECRET + "\n", mode: int = 0o600) -> str:
    path = tmp_path / "token"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_a_token_from_a_file_only_its_owner_can_read(tmp_path: Path) -> None:
    got = auth_from({}, token_file=secret_file(tmp_path))
    assert got.auth.bearer is not None
    assert got.auth.bearer.reveal() == SECRET
    assert got.warnings == ()
    assert SECRET not in repr(got)


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_file_that_others_can_read_is_used_with_a_warning(tmp_path: Path, mode: int) -> None:
    path = secret_file(tmp_path, mode=mode)
    got = auth_from({}, token_file=path)
    assert got.auth.bearer is not None
    assert got.warnings == (f"token_file: other users can read {path}: chmod 600 {path}",)


def test_a_user_and_a_password_from_the_environment() -> None:
    got = auth_from({"BOT_PASSWORD": SECRET}, user="ops", password_env="BOT_PASSWORD")
    assert got.auth.password is not None
    assert (got.auth.user, got.auth.password.reveal()) == ("ops", SECRET)
    assert SECRET not in repr(got) + str(got.auth)


def test_nothing_asked_for_is_no_credentials() -> None:
    got = auth_from({})
    assert (got.auth.bearer, got.auth.password, got.warnings) == (None, None, ())


@pytest.mark.parametrize(
    ("settings", "line"),
    [
        ({"token_file": "/no/such/file"}, "token_file: cannot read /no/such/file: No such file or directory"),
        ({"token_file": "/"}, "token_file: / is not a file"),
        ({"token_env": "NOPE"}, "token_env: the environment variable NOPE is not set, or empty"),
        ({"token_env": "A", "token_file": "b"}, "token_file and token_env are both set: keep one of them"),
        ({"token_env": "A", "user": "ops"}, "a target takes a token, or a user and a password, not both"),
        ({"password_env": "A"}, "a password needs its user: set user"),
        ({"user": "ops"}, "a user needs a password: set password_file or password_env"),
        ({"token_env": "BROKEN"}, "token_env BROKEN: holds line breaks or control characters"),
    ],
)
def test_what_is_wrong_is_said_without_the_secret(settings: dict[str, str], line: str) -> None:
    with pytest.raises(ValueError, match=re.escape(line)) as caught:
        auth_from({"A": SECRET, "BROKEN": SECRET + "\x1b[2J" + SECRET}, **settings)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    ("content", "line"),
    [(b"", "is empty"), (b"\xff\xfe", "is not UTF-8 text"), (b"x" * 70_000, "holds 70,000 bytes: that is no token")],
)
def test_a_file_that_is_no_token(tmp_path: Path, content: bytes, line: str) -> None:
    path = tmp_path / "token"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=line):
        auth_from({}, token_file=str(path))


def test_a_pipe_does_not_block(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="is not a file"):
        auth_from({}, token_file=str(tmp_path / "pipe"))
