"""match and reReplaceAll: RE2, with Go's way of replacing."""

from __future__ import annotations

import re

from tradetop.regex import RegexError, Search, searcher
from tradetop.rules.template.error import CallError
from tradetop.rules.template.spec import LIMIT
from tradetop.rules.template.values import decoded, utf8

_WORDS = {
    "missing ]": "missing closing ]",
    "missing )": "missing closing )",
    "trailing \\": "trailing backslash at end of expression",
    "no argument for repetition operator": "missing argument to repetition operator",
    "invalid repetition size": "invalid repeat count",
    "bad repetition operator": "invalid nested repetition operator",
    "invalid perl operator": "invalid or unsupported Perl syntax",
    "invalid named capture group": "invalid named capture",
}
"""What Go's RE2 says for what the C++ one says."""
_REFERENCE = re.compile(r"\$(?:(\$)|([^\W]+)|\{([^\W]+)\})")


def match(pattern: str, text: str) -> bool:
    """Whether the pattern is found anywhere in the text."""
    return _compiled(pattern)(utf8(text), 0) is not None


def replace_all(pattern: str, replacement: str, text: str) -> str:
    """The text with all that the pattern finds replaced; $1 and ${name} are its groups."""
    try:
        search = _compiled(pattern)
    except CallError as error:
        raise CallError(f"regexp: Compile(`{pattern}`): {error}") from None
    data, pieces = utf8(text), _pieces(replacement)
    found: list[bytes] = []
    at = last = size = 0
    while at <= len(data) and (hit := search(data, at)) is not None:
        begin, end = hit.span()
        new = data[last:begin]
        if end > last or begin == 0:
            new += b"".join(piece if isinstance(piece, bytes) else _group(hit, piece) for piece in pieces)
        found.append(new)
        size += len(new)
        if size > LIMIT:
            raise CallError(f"its text is longer than the {LIMIT:,} characters that a template may write")
        last = end
        at = end if end > at else at + _width(data, at)
    found.append(data[last:])
    return decoded(b"".join(found))


def _compiled(pattern: str) -> Search:
    try:
        return searcher(pattern)
    except RegexError as error:
        said, _, about = str(error).partition(": ")
        shown = f": `{about}`" if about else ""
        raise CallError(f"error parsing regexp: {_WORDS.get(said, said)}{shown}") from None


def _width(data: bytes, at: int) -> int:
    """Bytes of the character at `at`."""
    after = at + 1
    while after < len(data) and data[after] & 0xC0 == 0x80:
        after += 1
    return after - at


def _pieces(replacement: str) -> list[bytes | str]:
    """A replacement in texts (bytes) and the names of groups (str)."""
    found: list[bytes | str] = []
    at = 0
    for reference in _REFERENCE.finditer(replacement):
        found.append(utf8(replacement[at : reference.start()]))
        found.append(b"$" if reference[1] else reference[2] or reference[3])
        at = reference.end()
    found.append(utf8(replacement[at:]))
    return found


def _group(hit: re.Match[bytes], name: str) -> bytes:
    try:
        group = hit.group(int(name) if name.isdecimal() and len(name) < 9 else name)
    except (IndexError, KeyError):
        return b""
    return group or b""
