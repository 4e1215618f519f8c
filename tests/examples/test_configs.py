"""Every example config is one that tradetop accepts, and says what its comments say."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from tradetop.config import Config, load
from tradetop.model.target import HealthCheck, Mode

EXAMPLES = Path(__file__).parents[2] / "examples"
SYSTEMS = ("247trader", "polybot", "defikit")


def config(system: str) -> Config:
    return load(EXAMPLES / system / "config.yaml")


@pytest.mark.parametrize("system", SYSTEMS)
def test_it_names_one_bot_and_a_dashboard_that_exists(system: str) -> None:
    (target,) = config(system).targets
    assert target.preset == system
    assert (files("tradetop") / "presets" / f"{system}.yaml").is_file()


@pytest.mark.parametrize("system", SYSTEMS)
def test_its_limits_belong_to_panels_of_that_dashboard(system: str) -> None:
    (target,) = config(system).targets
    preset = yaml.safe_load((files("tradetop") / "presets" / f"{system}.yaml").read_text())
    limited = {panel["id"] for panel in preset["panels"] if "thresholds" in panel}
    assert target.thresholds
    assert target.thresholds.keys() <= limited


@pytest.mark.parametrize("system", [path.name for path in EXAMPLES.iterdir() if path.is_dir()])
def test_every_example_says_how_to_use_it(system: str) -> None:
    assert (EXAMPLES / system / "README.md").read_text().startswith("# ")
    assert f"`{system}/`" in (EXAMPLES / "README.md").read_text()


def test_247trader_has_its_health_on_another_port() -> None:
    (target,) = config("247trader").targets
    assert (target.url, target.health_urls) == ("http://127.0.0.1:8000", ("http://127.0.0.1:8080/health",))
    assert target.mode is Mode.LIVE
    assert config("247trader").discover.ports == (9094, 9095)


def test_polybot_is_checked_as_its_container_is() -> None:
    (target,) = config("polybot").targets
    assert target.health_check.check() == HealthCheck(30_000, 10_000, 3, 60_000)


def test_the_database_is_beside_its_config() -> None:
    (target,) = config("defikit").targets
    assert Path(target.database) == EXAMPLES / "defikit" / "bots.db"
