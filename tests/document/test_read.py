"""Documents: what is read, and that every mistake is named at its place, all at once."""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradetop.document import Document, DocumentError, Duration, Limits, Parse, Part, Place, read, read_file


class Colour(Enum):
    RED = "red"
    GREEN = "green"


def percent(text: str) -> float:
    if not text.endswith("%"):
        raise ValueError(f"{text!r} is not a percentage")
    return float(text[:-1])


@dataclass(frozen=True, slots=True)
class Wheel:
    name: str
    size: float = 1.0
    colour: Colour = Colour.RED
    place: Place = field(default_factory=Place)

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("size must not be negative")


@dataclass(frozen=True, slots=True)
class Car:
    name: str = "?"
    doors: int = 4
    fast: bool = False
    wait: Duration = 0
    load: Annotated[float, Parse(percent)] = 0.0
    wheels: tuple[Wheel, ...] | str = ()
    colours: dict[Colour, str] = field(default_factory=dict)
    owner: str | None = "nobody"
    hold: Duration = field(default=0, metadata={"key": "for"})


def problems(text: str) -> list[str]:
    with pytest.raises(DocumentError) as caught:
        read(text, "car.yaml", Car)
    return [str(problem) for problem in caught.value.problems]


def test_every_type_is_read() -> None:
    text = """
name: yes
doors: 012
fast: on
wait: 1h30m
load: 12.5%
wheels:
  - {name: front, size: 2, colour: green}
colours: {red: "#f00"}
owner: null
for: 250ms
"""
    assert read(text, "car.yaml", Car) == Car(
        name="yes",
        doors=12,
        fast=True,
        wait=5_400_000,
        load=12.5,
        wheels=(Wheel("front", 2.0, Colour.GREEN, Place(8, 5)),),
        colours={Colour.RED: "#f00"},
        owner=None,
        hold=250,
    )


def test_a_union_takes_the_member_that_is_written_so() -> None:
    assert read("wheels: none", "car.yaml", Car).wheels == "none"
    assert read("wheels: []", "car.yaml", Car).wheels == ()


def test_an_empty_document_gives_the_defaults() -> None:
    assert read("# nothing here\n", "car.yaml", Car) == Car()


def test_all_mistakes_are_named_at_once_with_place_and_nearest_key() -> None:
    text = """\
nmae: Herbie
doors: many
wait: soon
wheels:
  - size: 3
  - name: rear
    colour: gren
  - {name: spare, size: -1}
colours: {blue: x}
"""
    assert problems(text) == [
        "car.yaml:1:1: nmae: unknown key; did you mean name?",
        "car.yaml:2:8: doors: 'many' is not a whole number",
        "car.yaml:3:7: wait: 'soon' is not a duration; write 30s, 2m or 1h30m",
        "car.yaml:5:5: wheels[0].name: is missing",
        "car.yaml:7:13: wheels[1].colour: 'gren' is not known; did you mean green?",
        "car.yaml:8:5: wheels[2]: size must not be negative",
        "car.yaml:9:11: colours.blue: 'blue' is not known; valid here: red, green",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: [a\n", "car.yaml:2:1: not YAML: while parsing a flow sequence, did not find expected ',' or ']'"),
        ("- a", "car.yaml:1:1: must be a mapping of keys to values"),
        ("name: a\nname: b", "car.yaml:2:1: name: is given twice, first in line 1"),
        ("name:", "car.yaml:1:6: name: has no value"),
        ("name: {a: b}", "car.yaml:1:7: name: must be a single value"),
        ("wheels: {a: b}", "car.yaml:1:9: wheels: must be a list"),
        ('name: "\\e[31m"', "car.yaml:1:7: name: holds the control character U+001B"),
        ("fast: maybe", "car.yaml:1:7: fast: 'maybe' is neither true nor false"),
        ("load: 12", "car.yaml:1:7: load: '12' is not a percentage"),
        ("[a]: b", "car.yaml:1:1: a key must be a text"),
        (
            "zzz: 1",
            "car.yaml:1:1: zzz: unknown key; valid here: name, doors, fast, wait, load, wheels, colours, owner, for",
        ),
    ],
)
def test_one_mistake(text: str, problem: str) -> None:
    assert problems(text) == [problem]


def test_a_control_character_in_the_file_is_placed() -> None:
    assert problems("name: a\ndoors: \x07\n")[0].startswith("car.yaml:2:8: not YAML: ")


def test_a_deep_document_is_refused_before_anything_recurses() -> None:
    assert problems("name: " + "[" * 500) == ["car.yaml:1:46: nested over 40 deep"]
    # Some releases of libyaml have a limit of their own, a thousand, and say so first.
    (problem,) = problems("name: " + "[" * 100_000)
    assert re.search(r"^car\.yaml:1:\d+: .*nest", problem)


def test_an_alias_bomb_is_refused() -> None:
    lines = ["a: &a [" + ", ".join(["{name: x}"] * 40) + "]"]
    lines += [f"{b}: &{b} [" + ", ".join([f"*{a}"] * 40) + "]" for a, b in zip("abcd", "bcde", strict=True)]
    lines.append("wheels: *e")

    @dataclass(frozen=True)
    class Deep:
        wheels: tuple[tuple[tuple[tuple[tuple[Wheel, ...], ...], ...], ...], ...]

    with pytest.raises(DocumentError, match="stands for too many values"):
        read("\n".join(lines), "car.yaml", Deep)


def test_half_a_character_is_refused() -> None:
    assert problems("name: \ud800") == ["car.yaml: not YAML: holds half of a character"]


def test_a_long_document_is_refused() -> None:
    assert problems("#" * 1_000_001) == ["car.yaml: longer than 1,000,000 characters"]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [(b"\xff\xfe", ":1:1: is not UTF-8 text"), (None, ": cannot be read: No such file or directory")],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, raw: bytes | None, problem: str) -> None:
    path = tmp_path / "car.yaml"
    if raw is not None:
        path.write_bytes(raw)
    with pytest.raises(DocumentError) as caught:
        read_file(path, Car)
    assert str(caught.value) == f"{path}{problem}"


@given(st.text(st.characters(), max_size=200))
def test_no_text_does_anything_but_give_a_document_or_problems(text: str) -> None:
    with suppress(DocumentError):
        assert isinstance(read(text, "car.yaml", Car), Car)


@dataclass(frozen=True, slots=True)
class Garage:
    cars: tuple[Part, ...] = ()
    name: str = ""


def test_a_document_is_read_part_by_part_and_a_mistake_costs_its_part() -> None:
    document = Document("name: g\ncars:\n- {name: a, doors: 2}\n- {name: b, doors: two}\n- {name: c}\n", "cars.yaml")
    garage = document.read(document.root, Garage)
    assert [sorted(part.parts()) for part in garage.cars] == [["doors", "name"], ["doors", "name"], ["name"]]
    assert document.read(garage.cars[0], Car).doors == 2
    with pytest.raises(DocumentError) as caught:
        document.read(garage.cars[1], Car)
    assert [str(problem) for problem in caught.value.problems] == [
        "cars.yaml:4:20: cars[1].doors: 'two' is not a whole number"
    ]
    assert document.read(garage.cars[2], Car) == Car("c")
    assert garage.cars[2].place == Place(5, 3)


def test_all_parts_of_a_document_share_its_limits() -> None:
    bomb = "cars:\n- &a {wheels: [" + ", ".join(["{name: x}"] * 100) + "]}\n" + "- *a\n" * 100
    document = Document(bomb, "cars.yaml", limits=Limits(nodes=1_000))
    garage = document.read(document.root, Garage)
    with pytest.raises(DocumentError, match="stands for too many values"):
        [document.read(part, Car) for part in garage.cars]
    with pytest.raises(DocumentError, match="more than 100 values"):
        Document(bomb, "cars.yaml", limits=Limits(nodes=100))
    with pytest.raises(DocumentError, match="longer than 10 characters"):
        Document(bomb, "cars.yaml", limits=Limits(size=10))


def test_a_mapping_takes_in_others_and_its_own_keys_win() -> None:
    text = "wheels: [&a {name: a, size: 2}, {<<: *a, name: b}, {<<: [{name: c}, *a]}]"
    assert [(wheel.name, wheel.size) for wheel in read(text, "car.yaml", Car).wheels if isinstance(wheel, Wheel)] == [
        ("a", 2.0),
        ("b", 2.0),
        ("c", 2.0),
    ]
    (problem,) = problems("<<: 5")
    assert problem.startswith("car.yaml:1:1: <<: unknown key")
