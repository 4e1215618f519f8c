"""Values as Go's fmt prints them: print, println, and each verb of printf."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tradetop.rules.template.error import CallError
from tradetop.rules.template.numbers import SHORTEST
from tradetop.rules.template.spec import LIMIT, Spec
from tradetop.rules.template.times import Duration, Time
from tradetop.rules.template.values import (
    Boxed,
    Int64,
    Map,
    Named,
    Pointer,
    Sized,
    Slice,
    Struct,
    Uint64,
    indirect,
    type_name,
    unboxed,
)

NO_VALUE = "<no value>"
_NIL = "<nil>"
_ADDRESS = 0xC000010000
"""Where pointers are said to point: Go's differ from run to run."""


def text_of(value: object) -> str:
    """A value as `{{ value }}` prints it."""
    if type(value) is str:
        return value
    shown = indirect(value) if isinstance(value, Pointer) else value
    return NO_VALUE if shown is None else sprint([shown])


def sprint(values: Sequence[object]) -> str:
    """fmt.Sprint: spaces between values of which neither is a text."""
    printer = Printer()
    before = True
    for at, value in enumerate(values):
        is_text = isinstance(value, str)
        if at and not is_text and not before:
            printer.write(" ")
        printer.argument(value, "v", Spec())
        before = is_text
    return printer.text()


def sprintln(values: Sequence[object]) -> str:
    """fmt.Sprintln: spaces between all values, and a line feed."""
    printer = Printer()
    for at, value in enumerate(values):
        if at:
            printer.write(" ")
        printer.argument(value, "v", Spec())
    printer.write("\n")
    return printer.text()


class Printer:
    """Writes values one after the other; CallError past the limit."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._erring = False
        """In the text of an error: values are shown without their own String method."""

    def text(self) -> str:
        """All that was written."""
        return "".join(self._parts)

    def write(self, text: str) -> None:
        """Write a text as it is."""
        self._size += len(text)
        if self._size > LIMIT:
            raise CallError(f"its text is longer than the {LIMIT:,} characters that a template may write")
        self._parts.append(text)

    def argument(self, value: object, verb: str, spec: Spec) -> None:
        """Write one argument as a verb says."""
        value = unboxed(value)
        if value is None:
            if verb in "Tv":
                self.write(spec.pad(_NIL))
            else:
                self._bad_verb(value, verb, spec)
        elif verb == "T":
            self.write(spec.text(type_name(value)))
        elif verb == "p":
            self._pointer(value, verb, spec)
        else:
            self._value(value, verb, spec, 0)

    def _value(self, value: object, verb: str, spec: Spec, depth: int) -> None:
        if verb == "w" and not self._erring:
            self._bad_verb(value, verb, spec)
            return
        word = None if self._erring or verb not in "vsxXq" else _word_of(value, spec)
        if word is not None:
            self.write(spec.text(word)) if spec.go_syntax else self._string(word, verb, spec)
            return
        writer = _WRITERS.get(type(value))
        if writer is not None:
            writer(self, value, verb, spec, depth)
        elif isinstance(value, int):
            self._integer(value, verb, spec, depth)
        else:
            self._string(str(value), verb, spec)

    def _bad_verb(self, value: object, verb: str, spec: Spec) -> None:
        self.write(f"%!{verb}(")
        if value is None:
            self.write(_NIL)
        else:
            self.write(f"{type_name(value)}=")
            self._erring = True
            self._value(value, "v", spec, 0)
            self._erring = False
        self.write(")")

    def _boolean(self, value: object, verb: str, spec: Spec, _: int) -> None:
        if verb in "tv":
            self.write(spec.pad("true" if value else "false"))
        else:
            self._bad_verb(value, verb, spec)

    def _integer(self, value: object, verb: str, spec: Spec, _: int) -> None:
        assert isinstance(value, int)
        number = int(value)
        if verb == "v" and spec.go_syntax and isinstance(value, Sized) and value.unsigned:
            self.write(_with_sharp(spec).integer(number, 16))
        elif (write := _INTEGERS.get(verb)) is not None:
            self.write(write(spec, number))
        else:
            self._bad_verb(value, verb, spec)

    def _real(self, value: object, verb: str, spec: Spec, _: int) -> None:
        assert isinstance(value, float)
        form = _REALS.get(verb)
        if form is None:
            self._bad_verb(value, verb, spec)
        else:
            self.write(spec.real(value, *form))

    def _complex(self, value: object, verb: str, spec: Spec, depth: int) -> None:
        assert isinstance(value, complex)
        if verb not in _REALS:
            self._bad_verb(value, verb, spec)
            return
        self.write("(")
        self._real(value.real, verb, spec, depth)
        plus, spec.plus = spec.plus, True
        self._real(value.imag, verb, spec, depth)
        spec.plus = plus
        self.write("i)")

    def _string(self, text: str, verb: str, spec: Spec) -> None:
        match verb:
            case "v" | "s":
                self.write(spec.quoted(text) if spec.go_syntax else spec.text(text))
            case "x" | "X":
                self.write(spec.hexadecimal(text, upper=verb == "X"))
            case "q":
                self.write(spec.quoted(text))
            case _:
                self._bad_verb(text, verb, spec)

    def _listed(self, values: Sequence[object], verb: str, spec: Spec, depth: int) -> None:
        for at, value in enumerate(values):
            if at:
                self.write(", " if spec.go_syntax else " ")
            self._element(value, verb, spec, depth)

    def _element(self, value: object, verb: str, spec: Spec, depth: int) -> None:
        if isinstance(value, Boxed) and value.value is None:
            self.write("interface {}(nil)" if spec.go_syntax else _NIL)
        elif value is None:
            self.write(_NIL)
        else:
            self._value(unboxed(value), verb, spec, depth + 1)

    def _slice(self, value: object, verb: str, spec: Spec, depth: int) -> None:
        assert isinstance(value, Slice)
        begins, ends = (f"{value.type_name}{{", "}") if spec.go_syntax else ("[", "]")
        if value.nil and spec.go_syntax:
            begins, ends = f"{value.type_name}(nil)", ""
        self.write(begins)
        self._listed(value.items, verb, spec, depth)
        self.write(ends)

    def _map(self, value: object, verb: str, spec: Spec, depth: int) -> None:
        assert isinstance(value, Map)
        self.write(f"{value.type_name}{{" if spec.go_syntax else "map[")
        for at, (name, entry) in enumerate(sorted(value.entries.items())):
            if at:
                self.write(", " if spec.go_syntax else " ")
            self._value(name, verb, spec, depth + 1)
            self.write(":")
            self._element(entry, verb, spec, depth)
        self.write("}" if spec.go_syntax else "]")

    def _struct(self, value: object, verb: str, spec: Spec, depth: int) -> None:
        assert isinstance(value, Struct)
        self.write(f"{value.type_name}{{" if spec.go_syntax else "{")
        for at, (name, entry) in enumerate(value.fields.items()):
            if at:
                self.write(", " if spec.go_syntax else " ")
            if spec.names or spec.go_syntax:
                self.write(f"{name}:")
            self._element(entry, verb, spec, depth)
        self.write("}")

    def _time(self, value: object, verb: str, spec: Spec, depth: int) -> None:
        assert isinstance(value, Time)
        fields = {"wall": Uint64(value.wall), "ext": Int64(value.ext), "loc": Pointer("*time.Location", None)}
        self._struct(Struct(value.type_name, fields), verb, spec, depth)

    def _reference(self, value: object, verb: str, spec: Spec, depth: int) -> None:
        assert isinstance(value, Pointer)
        if depth == 0 and isinstance(value.target, Slice | Map | Struct | Time):
            self.write("&")
            self._value(value.target, verb, spec, depth + 1)
        else:
            self._pointer(value, verb, spec)

    def _pointer(self, value: object, verb: str, spec: Spec) -> None:
        if not isinstance(value, Pointer | Slice | Map):
            self._bad_verb(value, verb, spec)
            return
        address = 0 if isinstance(value, Pointer) and value.nil else _ADDRESS
        if verb == "v" and spec.go_syntax:
            self.write(f"({type_name(value)})({f'0x{address:x}' if address else 'nil'})")
        elif verb == "v" and not address:
            self.write(spec.pad(_NIL))
        elif verb in "vp":
            self.write(_with_sharp(spec, on=not spec.sharp).integer(address, 16))
        elif verb in "bodxX":
            self._integer(address, verb, spec, 0)
        else:
            self.write(f"%!{verb}({type_name(value)}=0x{address:x})")


def _word_of(value: object, spec: Spec) -> str | None:
    """What the value's own String (or GoString) method gives, or None where it has none."""
    if isinstance(value, Pointer) and isinstance(value.target, Time | Duration):
        value = value.target
    if spec.go_syntax:
        return value.go_syntax if isinstance(value, Time) else None
    return value.text if isinstance(value, Time | Named) else None


def _with_sharp(spec: Spec, *, on: bool = True) -> Spec:
    return Spec(on, spec.zero, spec.plus, spec.minus, spec.space, spec.width, spec.precision)


_INTEGERS: dict[str, Callable[[Spec, int], str]] = {
    "v": lambda spec, number: spec.integer(number, 10),
    "d": lambda spec, number: spec.integer(number, 10),
    "b": lambda spec, number: spec.integer(number, 2),
    "o": lambda spec, number: spec.integer(number, 8),
    "O": lambda spec, number: spec.integer(number, 8, octal=True),
    "x": lambda spec, number: spec.integer(number, 16),
    "X": lambda spec, number: spec.integer(number, 16, upper=True),
    "c": Spec.char,
    "q": Spec.quoted_char,
    "U": Spec.unicode,
}
_REALS = {
    "v": ("g", SHORTEST),
    **{form: (form, SHORTEST) for form in "bgGxX"},
    **{form: (form, 6) for form in "feE"},
    "F": ("f", 6),
}
_WRITERS: dict[type, Callable[[Printer, object, str, Spec, int], None]] = {
    bool: Printer._boolean,
    float: Printer._real,
    complex: Printer._complex,
    Slice: Printer._slice,
    Map: Printer._map,
    Struct: Printer._struct,
    Time: Printer._time,
    Pointer: Printer._reference,
}
