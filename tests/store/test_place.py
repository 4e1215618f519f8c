"""Where histories lie."""

from __future__ import annotations

import stat
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tradetop.store.place import history_of, history_path, identity, lock_path, prepare, store_directory

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


def test_a_file_has_one_history_however_its_path_is_written(tmp_path: Path) -> None:
    (tmp_path / "bot").mkdir()
    (tmp_path / "bot" / "bots.db").touch()
    (tmp_path / "now").symlink_to(tmp_path / "bot")
    (tmp_path / "linked.db").symlink_to(tmp_path / "bot" / "bots.db")
    plain = history_of(DIRECTORY, "", f"{tmp_path}/bot/bots.db")
    for spelled in ("bot/../bot/bots.db", "now/bots.db", "linked.db", "./bot//bots.db", "bot/sub/../bots.db"):
        for scheme in ("", "sqlite://"):
            assert history_of(DIRECTORY, "", f"{scheme}{tmp_path}/{spelled}") == plain
    assert plain.name.startswith("bots.db-")


def test_a_file_that_comes_later_keeps_its_history(tmp_path: Path) -> None:
    before = history_of(DIRECTORY, "", f"{tmp_path}/a/../bots.db")
    (tmp_path / "bots.db").touch()
    assert history_of(DIRECTORY, "", f"{tmp_path}/bots.db") == before


def test_a_history_that_was_begun_under_a_path_as_spelled_goes_on(tmp_path: Path) -> None:
    spelled, store = f"{tmp_path}/a/../bots.db", tmp_path / "store"
    store.mkdir()
    before = history_path(store, spelled)
    before.touch()
    assert history_of(store, "", spelled) == before
    plain = history_of(store, "", f"{tmp_path}/bots.db")
    assert plain != before
    plain.touch()
    assert history_of(store, "", spelled) == plain


def test_a_log_is_known_by_its_name_though_it_is_a_link_to_todays(tmp_path: Path) -> None:
    (tmp_path / "current.log").symlink_to(tmp_path / "2026-11-29.log")
    before = history_of(DIRECTORY, "", f"{tmp_path}/x/../current.log")
    (tmp_path / "current.log").unlink()
    (tmp_path / "current.log").symlink_to(tmp_path / "2026-11-30.log")
    assert history_of(DIRECTORY, "", f"{tmp_path}/current.log") == before


@given(st.text())
def test_no_path_is_too_odd_for_a_history(path: str) -> None:
    assert history_of(DIRECTORY, "", f"/{path}").parent == DIRECTORY
