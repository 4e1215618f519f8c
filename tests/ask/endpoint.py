"""A local endpoint that answers as a model does: from the prompt's examples, or whatever a test wants."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

NEEDED = ("CREATE VIEW events", "bot_id TEXT", "has(pair", "Return ONLY the SQL", "Question: ", "SQL: SELECT")
"""What a prompt must hold: the schema, the functions, the rule and examples."""


@dataclass
class Fake:
    """The endpoint: what it was asked, and what it shall answer."""

    url: str = ""
    reply: Callable[[str, str], str] | None = None
    """From the system's text and the question to the answer; None answers by analogy with the examples."""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes | None = None
    asked: list[dict[str, object]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)


@contextmanager
def endpoint() -> Iterator[Fake]:
    """A fake endpoint on a free port, while it runs."""
    fake = Fake()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            told = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            fake.asked.append({"path": self.path, **told})
            fake.keys.append(self.headers.get("Authorization", ""))
            status, body = _answer(fake, told)
            self.send_response(status)
            for name, value in fake.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:
                return

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield fake
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _answer(fake: Fake, told: dict[str, object]) -> tuple[int, bytes]:
    if fake.body is not None:
        return fake.status, fake.body
    system, user = _texts(told)
    missing = [part for part in NEEDED if part not in system]
    if missing or system.count("Question: ") < 3:
        return 400, json.dumps({"error": {"message": f"the prompt lacks {missing or 'examples'}"}}).encode()
    content = (fake.reply or _by_analogy)(system, user)
    return fake.status, json.dumps({"choices": [{"message": {"role": "assistant", "content": content}}]}).encode()


def _texts(told: dict[str, object]) -> tuple[str, str]:
    messages = told["messages"]
    assert isinstance(messages, list)
    return messages[0]["content"], messages[-1]["content"]


def _by_analogy(system: str, question: str) -> str:
    """The first example's SQL with the question's count, day, pair and bot in the place of its own."""
    example = re.search(r"SQL: (SELECT bot_id, count.*)", system)
    assert example is not None
    sql = example[1]
    count = re.search(r"more than (\d+)", question)
    if count is not None:
        sql = sql.replace("> 3", f"> {count[1]}")
    today = re.search(r"Now is \w+ (\d{4}-\d\d-\d\d)", system)
    day = today[1] if today is not None and "today" in question else None
    said = re.search(r"\d{4}-\d\d-\d\d", question)
    day = said[0] if said is not None else day
    if day is not None:
        sql = re.sub(r"day\(t\) = '[^']*'", f"day(t) = '{day}'", sql)
    pair = re.search(r"\b([A-Z]{3,4})\b", question)
    if pair is not None:
        sql = sql.replace("'SOL'", f"'{pair[1]}'")
    bot = re.search(r"only of ([\w-]+)", question)
    if bot is not None:
        sql = sql.replace(" GROUP BY", f" AND bot_id = '{bot[1]}' GROUP BY")
    return f"```sql\n{sql};\n```"
