"""One server: what is asked of it, in daemon threads of which nobody waits for one that hangs."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from tradetop.model.clock import SECOND
from tradetop.model.labels import quote as escaped
from tradetop.model.ports import Metadata
from tradetop.model.target import Auth, Target, Tls
from tradetop.model.text import clean
from tradetop.model.value import Scalar
from tradetop.remote.address import ServerAddress, server_at
from tradetop.remote.answer import Answer, NoAnswerError, answer_of, read
from tradetop.remote.faults import ServerError, refused, slow, unreached
from tradetop.scrape.credentials import renewed
from tradetop.scrape.faults import FetchError
from tradetop.scrape.fetch import JSON, fetch
from tradetop.scrape.locate import masked
from tradetop.scrape.tls import context_for, plain_context

if TYPE_CHECKING:
    from prometheus_api_client import PrometheusConnect

T = TypeVar("T")

LIMIT = 32 * 1024**2
"""Most decompressed bytes of one answer."""
AT_ONCE = 2
"""Requests to one server at one time."""
LONGEST = 10 * SECOND
"""How long an answer is waited for at most (ms)."""
SHORTEST = 1 * SECOND
GRACE = 2.5
"""Seconds beyond that after which a thread that asks is left to itself: more than a connection may take."""
_NO_AUTH, _NO_TLS = Auth(), Tls()


class Server:
    """A Prometheus-compatible server; every method raises FetchError with a line for people where it fails."""

    def __init__(
        self,
        address: ServerAddress,
        auth: Auth = _NO_AUTH,
        tls: Tls = _NO_TLS,
        patience: int = LONGEST,
    ) -> None:
        """`patience` (ms) is how long an answer is waited for, from one to ten seconds."""
        self.address = address
        self.where = masked(address.base)
        self._auth = auth if auth != Auth() else address.auth
        self._tls = tls
        self._deadline = max(SHORTEST, min(patience, LONGEST)) / SECOND
        self._room = asyncio.Semaphore(AT_ONCE)
        self._idle: list[PrometheusConnect] = []

    async def instant(self, expr: str, at: int | None = None) -> Answer:
        """Evaluate at one time (ms), or at the server's own present."""
        params = {"nocache": "1"} if at is None else {"time": _seconds(at), "nocache": "1"}
        return await self._query(lambda client: client.custom_query(expr, params=params))

    async def range(self, expr: str, start: int, end: int, step: int) -> Answer:
        """Evaluate at start, start + step, ... up to end (all ms)."""
        # The client rounds times to whole seconds, unless they are said once more.
        params = {"start": _seconds(start), "end": _seconds(end), "step": _seconds(step), "nocache": "1"}
        from_, to = (datetime.fromtimestamp(max(0, t) // SECOND, UTC) for t in (start, end))
        return await self._query(
            lambda client: client.custom_query_range(expr, from_, to, _seconds(step), params=params)
        )

    async def metadata(self, job: str, instance: str, names: Collection[str]) -> dict[str, Metadata]:
        """What the server knows of a target's metric families, those without a value among them.

        Where it does not know targets: what it knows of families that have one of these names.
        """
        target = {"job": escaped(job), "instance": escaped(instance)}
        found: Sequence[Mapping[str, Any]] = ()
        with suppress(ServerError):
            found = await self._asked(lambda client: client.get_target_metadata(target))
        if not found:
            # It takes the absence of a name for a question about all of them.
            said = await self._asked(lambda client: client.get_metric_metadata(""))
            found = [each for each in reversed(said) if each["metric_name"] in names]
        try:
            return {clean(each.get("metric") or each["metric_name"]): _metadata(each) for each in found}
        except (AttributeError, KeyError, TypeError):
            raise ServerError("no answer", f"{self.where} answers with metadata of another shape") from None

    async def names(self, selector: str, span: int) -> frozenset[str]:
        """The metric names that a selector's series have had in the last `span` (ms)."""
        now = (await self.instant("time()")).value
        at = now.value if isinstance(now, Scalar) else 0.0
        words = {"match[]": selector, "start": f"{at - span / SECOND:.0f}", "end": f"{at:.0f}"}
        async with self._room:
            found = await self.get("/api/v1/label/__name__/values", **words)
        return frozenset(name for name in found if isinstance(name, str))

    async def scrape_error(self, job: str, instance: str) -> str:
        """Why the server cannot scrape a target, in its own words; "" where it does not say."""
        found = await self.get("/api/v1/targets", state="active")
        for each in found.get("activeTargets", ()) if isinstance(found, dict) else ():
            labels = each.get("labels", {}) if isinstance(each, dict) else {}
            if labels.get("job", "") == job and labels.get("instance", "") == instance:
                return clean(str(each.get("lastError", "")), 200)
        return ""

    async def get(self, path: str, **words: str | Sequence[str]) -> Any:
        """The `data` of what a part of the API answers, such as `/api/v1/rules`, by a request of our own."""
        query = f"?{urlencode(words, doseq=True)}" if words else ""
        try:
            auth = self._credentials()
            response = await fetch(
                f"{self.address.base}{path}{query}",
                deadline=round(self._deadline * SECOND),
                limit=LIMIT,
                accept=JSON,
                auth=auth,
                tls=self._tls,
                headers={"X-Scope-OrgID": self.address.tenant} if self.address.tenant else {},
            )
        except FetchError as fault:
            if fault.word.isdigit():
                raise refused(int(fault.word), self.where, self._auth, "", "") from None
            raise
        try:
            return answer_of(response.text.encode())["data"]
        except NoAnswerError as error:
            raise ServerError("no answer", f"{self.where} answers with {error}") from None

    async def _query(self, ask: Callable[[PrometheusConnect], object]) -> Answer:
        def asked(client: PrometheusConnect) -> Answer:
            ask(client)
            return read(client._session.last)

        return await self._asked(asked)

    async def _asked(self, work: Callable[[PrometheusConnect], T]) -> T:
        """Let a thread ask; whoever is cancelled meanwhile does not wait for it."""
        loop = asyncio.get_running_loop()
        async with self._room:
            answer: asyncio.Future[T] = loop.create_future()

            def settle(outcome: T | BaseException) -> None:
                if answer.done():
                    return
                if isinstance(outcome, BaseException):
                    answer.set_exception(outcome)
                else:
                    answer.set_result(outcome)

            def run() -> None:
                outcome: T | BaseException
                try:
                    outcome = self._work(work)
                except Exception as error:  # noqa: BLE001 - whoever waits for it gets it
                    outcome = error
                # By now the loop may have ended.
                with suppress(RuntimeError):
                    loop.call_soon_threadsafe(settle, outcome)

            threading.Thread(target=run, name="tradetop server", daemon=True).start()
            try:
                async with asyncio.timeout(self._deadline + GRACE):
                    return await answer
            except TimeoutError:
                raise slow(self.where, self._deadline) from None

    def _work(self, work: Callable[[PrometheusConnect], T]) -> T:
        """In a thread: ask, and tell what went wrong in words for people."""
        auth = self._credentials()
        client = self._client(auth)
        import requests
        from prometheus_api_client.exceptions import PrometheusApiClientException

        from tradetop.remote.session import SlowError, TooLargeError

        session = client._session
        try:
            found = work(client)
        except PrometheusApiClientException:
            said: Mapping[str, Any] = session.last
            status, error = session.status, str(said.get("error", ""))
            raise refused(status, self.where, auth, error, str(said.get("errorType", ""))) from None
        except TooLargeError:
            size = LIMIT // 1024**2
            raise ServerError("too large", f"an answer of {self.where} has more than {size} MiB: narrow it") from None
        except SlowError:
            raise slow(self.where, self._deadline) from None
        except NoAnswerError as error:
            raise ServerError("no answer", f"{self.where} answers with {error}") from None
        except requests.RequestException as error:
            raise unreached(error, self.where, self._deadline) from None
        except (KeyError, TypeError, ValueError, AttributeError):
            text = f"{self.where} answers with JSON of another shape: is it a Prometheus API?"
            raise ServerError("no answer", text) from None
        except Exception as error:  # noqa: BLE001 - urllib3's own, which requests lets through
            raise unreached(error, self.where, self._deadline) from None
        self._idle.append(client)
        return found

    def _credentials(self) -> Auth:
        try:
            return renewed(self._auth)
        except ValueError as error:
            raise ServerError("credentials", str(error)) from None

    def _client(self, auth: Auth) -> PrometheusConnect:
        """A client that nobody else uses at present, with credentials as they are by now."""
        # Loaded with the first request: it takes a tenth of a second.
        client = self._idle.pop() if self._idle else self._made()
        client.headers, client.auth = {}, None
        if auth.bearer is not None:
            client.headers["Authorization"] = f"Bearer {auth.bearer.reveal()}"
        elif auth.password is not None:
            client.auth = (auth.user.encode(), auth.password.reveal().encode())
        return client

    def _made(self) -> PrometheusConnect:
        from prometheus_api_client import PrometheusConnect

        from tradetop.remote.session import Adapter, Session

        https = self.address.base.startswith("https:")
        context = context_for(self._tls, self.where) if https else plain_context()
        session = Session(self.address.tenant)
        client = PrometheusConnect(self.address.base, session=session)
        # The client has put an adapter of its own there, which tries again and waits without end.
        session.mount(self.address.base, Adapter(context, self._deadline, LIMIT))
        return client


def server_of(target: Target) -> Server:
    """The server that a target is on."""
    return Server(server_at(target.url), target.auth, target.tls, min(target.interval, target.timeout))


def _metadata(said: Mapping[str, Any]) -> Metadata:
    return Metadata(*(clean(str(said.get(key, ""))) for key in ("type", "help", "unit")))


def _seconds(ms: int) -> str:
    return f"{ms / SECOND:.3f}"
