"""Go's printf: a format with its directives."""

from __future__ import annotations

from collections.abc import Sequence

from tradetop.rules.template.printing import Printer
from tradetop.rules.template.spec import Spec
from tradetop.rules.template.values import type_name, unboxed

_WIDEST = 1_000_000
"""Go's own limit of widths and precisions."""
_FLAGS = {"#": "sharp", "0": "zero", "+": "plus", "-": "minus", " ": "space"}


def sprintf(form: str, values: Sequence[object]) -> str:
    """fmt.Sprintf; what does not fit is said in the text, as in Go (`%!d(string=x)`)."""
    return _Format(form, [unboxed(value) for value in values]).run()


class _Format:
    def __init__(self, form: str, values: Sequence[object]) -> None:
        self.form = form
        self.values = values
        self.at = 0
        self.used = 0
        self.reordered = False
        self.good = True
        self.printer = Printer()

    def run(self) -> str:
        while self.at < len(self.form):
            percent = self.form.find("%", self.at)
            end = len(self.form) if percent < 0 else percent
            self.printer.write(self.form[self.at : end])
            self.at = end + 1
            if percent >= 0:
                self.directive()
        if not self.reordered and self.used < len(self.values):
            self.extra()
        return self.printer.text()

    def peek(self) -> str:
        return self.form[self.at : self.at + 1]

    def directive(self) -> None:
        self.good = True
        spec = Spec()
        while (flag := _FLAGS.get(self.peek())) is not None:
            setattr(spec, flag, True)
            self.at += 1
        if "a" <= self.peek() <= "z" and self.used < len(self.values):
            self.verb(spec)
            return
        indexed = self.width(spec, self.index())
        if self.peek() == "." and self.at + 1 < len(self.form):
            self.at += 1
            if indexed:
                self.good = False
            indexed = self.precision(spec)
        if not indexed:
            self.index()
        self.verb(spec)

    def verb(self, spec: Spec) -> None:
        verb = self.peek()
        self.at += 1
        if not verb:
            self.printer.write("%!(NOVERB)")
        elif verb == "%":
            self.printer.write("%")
        elif not self.good:
            self.printer.write(f"%!{verb}(BADINDEX)")
        elif self.used >= len(self.values):
            self.printer.write(f"%!{verb}(MISSING)")
        else:
            if verb in "vw":
                spec.go_syntax, spec.sharp = spec.sharp, False
                spec.names, spec.plus = spec.plus, False
            self.printer.argument(self.values[self.used], verb, spec)
            self.used += 1

    def width(self, spec: Spec, indexed: bool) -> bool:
        """Read a width; whether an index stands before what comes next."""
        if self.peek() == "*":
            self.at += 1
            spec.width = self.starred()
            if spec.width is None:
                self.printer.write("%!(BADWIDTH)")
            elif spec.width < 0:
                spec.width, spec.minus, spec.zero = -spec.width, True, False
            return False
        spec.width = self.number()
        if indexed and spec.width is not None:
            self.good = False
        return indexed

    def precision(self, spec: Spec) -> bool:
        indexed = self.index()
        if self.peek() != "*":
            spec.precision = self.number() or 0
            return indexed
        self.at += 1
        spec.precision = self.starred()
        if spec.precision is not None and spec.precision < 0:
            spec.precision = None
        if spec.precision is None:
            self.printer.write("%!(BADPREC)")
        return False

    def number(self) -> int | None:
        found = None
        while "0" <= self.peek() <= "9":
            found = (found or 0) * 10 + int(self.peek())
            self.at += 1
            if found > _WIDEST:
                self.at = len(self.form)
                return None
        return found

    def starred(self) -> int | None:
        """A width or precision that is an argument."""
        if self.used >= len(self.values):
            return None
        value = self.values[self.used]
        self.used += 1
        usable = isinstance(value, int) and not isinstance(value, bool) and abs(value) <= _WIDEST
        return int(value) if usable and isinstance(value, int) else None

    def index(self) -> bool:
        """Read an argument's number, such as [2]; whether there is one."""
        if self.peek() != "[":
            return False
        self.reordered = True
        end = self.form.find("]", self.at)
        if end < 0:
            self.at += 1
            self.good = False
            return False
        digits = self.form[self.at + 1 : end]
        self.at = end + 1
        well_formed = digits.isascii() and digits.isdecimal() and len(digits) < 9
        if well_formed and 1 <= int(digits) <= len(self.values):
            self.used = int(digits) - 1
            return True
        self.good = False
        return well_formed

    def extra(self) -> None:
        """Name the arguments that no directive takes."""
        self.printer.write("%!(EXTRA ")
        for at, value in enumerate(self.values[self.used :]):
            self.printer.write(", " if at else "")
            if value is not None:
                self.printer.write(f"{type_name(value)}=")
            self.printer.argument(value, "v", Spec())
        self.printer.write(")")
