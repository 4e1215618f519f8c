"""Where histories lie."""

from __future__ import annotations

import stat
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tradetop.store.place import history_path, identity, lock_path, prepare, store_directory

DIRECTORY = Path("/somewhere/tradetop")


def test_the_readable_part_is_the_host_and_port() -> None:
    name = history_path(DIRECTORY, identity("http://127.0.0.1:8000/metrics")).name
    readable, _, digest = name.removesuffix(".db").rpartition("-")
    assert readable == "127.0.0.1_8000"
    assert len(digest) == 8


def test_a_database_is_known_by_its_file_name_and_told_apart_by_its_folder() -> None:
    one, two = (history_path(DIRECTORY, identity(database=f"/{folder}/bots.db")) for folder in "ab")
    assert one.name.startswith("bots.db-")
    assert one != two


def test_credentials_and_query_are_no_part_of_the_identity() -> None:
    assert identity("http://me:hunter2@bot:8000/metrics?api_key=s3cret") == identity("http://bot:8000/metrics")


def test_paths_tell_targets_apart() -> None:
    assert history_path(DIRECTORY, identity("http://bot/a")) != history_path(DIRECTORY, identity("http://bot/b"))


@given(st.text())
def test_no_identity_leaves_the_directory(target: str) -> None:
    path = history_path(DIRECTORY, target)
    assert path.parent == DIRECTORY
    assert path.name.isascii()
    assert not path.name.startswith(".")
    assert len(path.name) < 100
    assert lock_path(path).parent == DIRECTORY


def test_the_directory_is_for_its_owner_alone(tmp_path: Path) -> None:
    directory = tmp_path / "state" / "tradetop"
    prepare(directory)
    prepare(directory)
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700


def test_store_moves_it(tmp_path: Path) -> None:
    assert store_directory(tmp_path) == tmp_path
    assert store_directory().name == "tradetop"


def test_bots_of_one_server_have_histories_of_their_own_that_say_which() -> None:
    url = "prometheus+http://h:9090?job=trader&instance="
    one, other = (history_path(DIRECTORY, identity(url + host)) for host in ("a:1", "b:1"))
    assert one != other
    assert one.name.startswith("trader_a_1-")
