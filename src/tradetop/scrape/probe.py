"""Probing: asking a bot's health endpoints, whichever there are, and what they say."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import dataclass
from urllib.parse import urlsplit

from tradetop.model.labels import NAME, Labels
from tradetop.model.target import Auth, Health, HealthState, Target
from tradetop.model.text import clean
from tradetop.scrape.check import CheckState, Verdict, step
from tradetop.scrape.faults import FetchError
from tradetop.scrape.fetch import JSON, Fetch, Response, fetch
from tradetop.scrape.health_body import TEXT_SHOWN, HealthBody, read_health
from tradetop.scrape.locate import locate, masked
from tradetop.scrape.scrape import target_labels
from tradetop.scrape.turn import Turn

USUAL_PATHS = ("/health/live", "/health/ready", "/health", "/healthz")
BODY_LIMIT = 64 * 1024
LOOK_AGAIN = 10
"""After how many rounds the places without a health endpoint are tried once more."""

_ROLES = ("live", "ready", "health")
_ANSWERS = frozenset((200, 204, *range(500, 600)))
_ELSEWHERE = frozenset(("redirect", "HTML page", "too large", "not UTF-8", "encoding", "bad URL", "bad request"))
_NO_BODY = HealthBody()


@dataclass(frozen=True, slots=True)
class Answer:
    """What one place said in one round."""

    verdict: Verdict
    elapsed: float
    """Seconds."""
    reason: str = ""
    body: HealthBody = _NO_BODY
    silent: bool = False
    """Nobody answered at all, so that it cannot be said whether there is an endpoint."""


@dataclass(frozen=True, slots=True)
class Probe:
    """What one round of probing gave."""

    t: int
    """When it began (ms since the epoch)."""
    healths: tuple[Health, ...]
    """One for each endpoint found or named; one of state UNKNOWN where there is none."""
    answers: tuple[tuple[str, Answer], ...] = ()
    """Role and answer of each endpoint found or named."""


@dataclass(slots=True)
class _Place:
    """Where a health endpoint is, or may be."""

    url: str
    role: str
    named: bool
    found: bool = False
    missing: str = ""
    """Why there is none, in a word."""
    state: CheckState | None = None


class Prober:
    """Probes one target: the health URLs that its user named, else the usual places."""

    def __init__(self, target: Target, fetch: Fetch = fetch, turn: Turn | None = None) -> None:
        self.target = target
        self._fetch = fetch
        self._turn = turn
        self._base = locate(target.url).base if target.url else ""
        self._rounds = 0
        self._first: int | None = None
        self._started: int | None = None
        named = [_Place(url, role, True) for url, role in _with_roles(target.health)]
        usual = [_Place(self._base + path, _role(path), False) for path in USUAL_PATHS] if target.url else []
        self._places = named or usual

    def suggest(self, places: tuple[str, ...]) -> None:
        """Try these first, as the bot's documents say: URLs, paths such as `/health`, or `:8080/health`.

        Has no effect where the user named the health URLs.
        """
        if any(place.named for place in self._places):
            return
        known = {place.url for place in self._places}
        urls = [self._resolved(text) for text in places]
        new = [_Place(url, _role(urlsplit(url).path), False) for url in urls if url and url not in known]
        self._places = new + self._places

    async def probe(self, t: int, started: int | None = None) -> Probe:
        """Ask each endpoint once, one after the other; `started` is when the bot's process began (ms), if known."""
        self._first = t if self._first is None else self._first
        self._started = self._started if started is None else started
        origin = self._first if self._started is None else self._started
        look = self._rounds % LOOK_AGAIN == 0
        self._rounds += 1
        answers: list[tuple[_Place, Answer]] = []
        fault, silent = "", None
        mute: set[str] = set()
        for place in self._places:
            server = urlsplit(place.url).netloc
            if not self._wanted(place, look, server in mute):
                continue
            answer = await self._ask(place)
            if place.found or place.named or self._is_found(place, answer):
                place.state = step(place.state, answer.verdict, t, self.target.check, origin)
                answers.append((place, answer))
            elif answer.silent:
                fault, silent, self._rounds = answer.reason, place, 0
                mute.add(server)
        # Nobody knows yet what a silent place is: next time the others come first.
        self._places.sort(key=lambda place: place is silent)
        answers.sort(key=lambda pair: _ROLES.index(pair[0].role.rstrip("0123456789")))
        healths = tuple(_health(place, answer, t, self.target.check.retries) for place, answer in answers)
        heard = tuple((place.role, answer) for place, answer in answers)
        return Probe(t, healths or self._none(fault, t), heard)

    def _wanted(self, place: _Place, look: bool, mute: bool) -> bool:
        """Whether to ask a place; one whose server has just been silent for another is not waited for as well."""
        if place.found or place.named:
            return True
        role_is_taken = any(other.found and other.role == place.role for other in self._places)
        return not role_is_taken and not mute and (look or not place.missing)

    def _is_found(self, place: _Place, answer: Answer) -> bool:
        """Whether a usual place turned out to be an endpoint; remembers what it is."""
        place.found = answer.verdict is not Verdict.NONE and not answer.silent
        place.missing = "" if place.found or answer.silent else answer.reason
        return place.found

    async def _ask(self, place: _Place) -> Answer:
        target = self.target
        parts, own = urlsplit(place.url), urlsplit(target.url)
        turn = self._turn if parts.netloc == own.netloc else None
        # The bot's credentials are for its own host, whatever a document says of others.
        auth = target.auth if not target.url or parts.hostname == own.hostname else Auth()
        clock = asyncio.get_running_loop().time
        async with turn.taken() if turn else nullcontext():
            begun = clock()
            try:
                response = await self._fetch(
                    place.url,
                    deadline=target.check.timeout,
                    limit=BODY_LIMIT,
                    accept=JSON,
                    auth=auth,
                    tls=target.tls,
                    statuses=_ANSWERS,
                )
            except FetchError as error:
                refused = error.word.isdigit()
                nowhere = refused or error.word in _ELSEWHERE
                reason = f"{masked(place.url)} answers {error.word}" if refused else str(error)
                verdict = Verdict.NONE if nowhere else Verdict.FAILED
                return Answer(verdict, clock() - begun, reason, silent=not nowhere)
        return _understood(response, place.found or place.named)

    def _resolved(self, text: str) -> str:
        if text.startswith("/"):
            return self._base + text if self._base else ""
        if text.startswith(":"):
            parts = urlsplit(self._base)
            return f"{parts.scheme}://{(parts.hostname or '')}{text}" if self._base else ""
        return text

    def _none(self, fault: str, t: int) -> tuple[Health, ...]:
        if not self._places:
            return ()
        tried = ", ".join(urlsplit(place.url).path for place in self._places)
        reason = fault or f"no health endpoint at {masked(self._base)} (tried {tried}): name it with --health URL"
        return (Health("health", HealthState.UNKNOWN, checked_at=t, since=self._first, reason=reason),)


def samples(probe: Probe, target: Target) -> dict[Labels, float]:
    """What a round of probing writes to the store.

    `probe_success{role}` is 1 or 0, and absent where the answer says nothing of the bot's health;
    `probe_duration_seconds{role}` is in seconds.
    """
    identity = target_labels(target)
    values: dict[Labels, float] = {}
    for role, answer in probe.answers:
        labels = {**identity, "role": role}
        values[Labels({**labels, NAME: "probe_duration_seconds"})] = answer.elapsed
        if answer.verdict is not Verdict.NONE:
            values[Labels({**labels, NAME: "probe_success"})] = float(answer.verdict is not Verdict.FAILED)
    return values


def _understood(response: Response, known: bool) -> Answer:
    """What an answer means: its body wins over a good status, a bad status over a good body."""
    text, elapsed = response.text, response.elapsed
    kind = response.content_type
    html = text.lstrip()[:1] == "<"
    if html and not (known and response.status >= 500):
        return Answer(Verdict.NONE, elapsed, "it answers with an HTML page")
    if "version=0.0.4" in kind or "openmetrics" in kind or text.startswith(("# HELP ", "# TYPE ")):
        return Answer(Verdict.NONE, elapsed, "it answers with its metrics page")
    body = read_health(text)
    if response.status < 500:
        said = body.verdict if body else Verdict.NONE
        verdict = Verdict.PASSED if said is Verdict.NONE else said
        return Answer(verdict, elapsed, body.reason if body else "", body or _NO_BODY)
    if body is None and response.status != 503 and not known:
        # A proxy that answers 502 to everything is no health endpoint.
        return Answer(Verdict.NONE, elapsed, f"it answers {response.status}")
    words = body.reason if body else "" if html else clean(text.strip().partition("\n")[0], TEXT_SHOWN)
    reason = f"{response.status}: {words or 'it does not say why'}"
    return Answer(Verdict.FAILED, elapsed, reason, body or _NO_BODY)


def _health(place: _Place, answer: Answer, t: int, retries: int) -> Health:
    state = place.state
    assert state is not None
    reason = answer.reason
    if answer.verdict is Verdict.FAILED and 0 < state.failures < retries:
        reason = f"failed {state.failures} of {retries}: {reason}"
    return Health(
        place.role,
        state.state,
        masked(place.url),
        None if answer.silent else answer.elapsed,
        t,
        state.since,
        reason,
        answer.body.mode,
        answer.body.components,
        answer.body.issues,
    )


def _role(path: str) -> str:
    """live, ready or health, as the path says."""
    last = path.rstrip("/").rpartition("/")[2].lower()
    if last.startswith(("live", "alive")):
        return "live"
    return "ready" if last.startswith("ready") else "health"


def _with_roles(urls: tuple[str, ...]) -> list[tuple[str, str]]:
    """The URLs with their roles, which a number makes unique."""
    counts: dict[str, int] = {}
    named = []
    for url in urls:
        role = _role(urlsplit(url).path)
        counts[role] = counts.get(role, 0) + 1
        named.append((url, role if counts[role] == 1 else f"{role}{counts[role]}"))
    return named
