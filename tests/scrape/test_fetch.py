from __future__ import annotations

import asyncio
import logging
import os
import re
import socket
import subprocess
import sys
import threading
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from faulty.server import CERTIFICATES, FaultyServer
from tradetop.model.target import Auth, Secret, Target, Tls
from tradetop.scrape.faults import FetchError
from tradetop.scrape.fetch import Response, fetch
from tradetop.scrape.scrape import Scraper

TOKEN, PASSWORD = "token-hunter2", "pass-hunter2"
NO_AUTH, NO_TLS = Auth(), Tls()
BEARER = Auth(bearer=Secret(TOKEN))
BASIC = Auth(user="ops", password=Secret(PASSWORD))


def get(url: str, auth: Auth = NO_AUTH, tls: Tls = NO_TLS, limit: int = 1024**2, deadline: int = 1_000) -> Response:
    return asyncio.run(fetch(url, deadline=deadline, limit=limit, auth=auth, tls=tls))


def fault_of(url: str, auth: Auth = NO_AUTH, tls: Tls = NO_TLS, limit: int = 1024**2) -> FetchError:
    with pytest.raises(FetchError) as caught:
        get(url, auth, tls, limit)
    return caught.value


def authorization(server: FaultyServer) -> str:
    (request,) = server.requests
    found = re.search(r"^Authorization: (.*)\r$", request, re.MULTILINE | re.IGNORECASE)
    return found.group(1) if found else ""


@pytest.mark.parametrize(
    ("auth", "user", "header"),
    [
        (BEARER, "", f"Bearer {TOKEN}"),
        (BASIC, "", "Basic b3BzOnBhc3MtaHVudGVyMg=="),
        (Auth(), "ops:pass-hunter2@", "Basic b3BzOnBhc3MtaHVudGVyMg=="),
        (Auth(), "ops:p%40ss@", "Basic b3BzOnBAc3M="),
        (BEARER, "ops:pass-hunter2@", f"Bearer {TOKEN}"),
        (Auth(), "", ""),
    ],
)
def test_credentials_are_sent_as_a_header(auth: Auth, user: str, header: str) -> None:
    with FaultyServer("good") as server:
        assert get(server.url.replace("//", f"//{user}"), auth).status == 200
    assert authorization(server) == header
    assert "hunter2" not in server.requests[0].split("\r\n")[0]


@pytest.mark.parametrize(
    "behaviour",
    ["401", "403", "404", "429", "500", "redirect", "hang", "close", "garbage", "latin-1", "gzip lie", "cut"],
)
@pytest.mark.parametrize("auth", [BEARER, BASIC], ids=["token", "password"])
def test_no_secret_is_in_an_error(behaviour: str, auth: Auth, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with FaultyServer(behaviour) as server:
        url = server.url.replace("//", f"//ops:{PASSWORD}@") + f"?api_key={TOKEN}"
        with pytest.raises(FetchError) as caught:
            get(url, auth, deadline=200)
        scraper = Scraper(Target("bot", url, timeout=100, auth=auth))
        scrape = asyncio.run(scraper.scrape(0))
    shown = f"{caught.value} {caught.value!r} {caught.value.__cause__!r} {scrape.reason} {auth!r} {caplog.text}"
    assert "hunter2" not in shown
    assert "http://127.0.0.1" in str(caught.value)


def test_a_token_that_no_header_can_carry_is_not_shown() -> None:
    with FaultyServer("good") as server:
        fault = fault_of(server.url, Auth(bearer=Secret("hunter2\r\nX: y")))
    assert (fault.word, server.requests) == ("bad request", [])
    assert "hunter2" not in str(fault)


def test_401_with_credentials_says_that_they_were_refused() -> None:
    with FaultyServer("401") as server:
        assert "it refuses the credentials it was given" in str(fault_of(server.url, BEARER))


@pytest.mark.parametrize(("behaviour", "wait"), [("429", 30_000), ("429 until", 120_000), ("429 for ever", 900_000)])
def test_retry_after_is_handed_on_in_milliseconds(behaviour: str, wait: int) -> None:
    with FaultyServer(behaviour) as server:
        assert fault_of(server.url).retry_after == wait


def test_the_limit_counts_decompressed_bytes() -> None:
    with FaultyServer("good gzip") as server:
        size = len(get(server.url).text.encode())
        assert len(get(server.url, limit=size).text) == size
        fault = fault_of(server.url, limit=size - 1)
    assert fault.word == "too large"


def test_redirects_are_not_followed() -> None:
    with FaultyServer("good") as other:
        location = f"HTTP/1.1 302 Found\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n"
        with FaultyServer(location.encode()) as server:
            assert fault_of(server.url, BEARER).word == "redirect"
        assert other.requests == []


def test_proxies_and_netrc_are_never_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login ops password hunter2\n")
    with FaultyServer("500") as proxy, FaultyServer("good") as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NETRC", str(netrc))
        monkeypatch.delenv("NO_PROXY", raising=False)
        assert get(server.url).status == 200
        assert proxy.requests == []
        assert authorization(server) == ""


CA = str(CERTIFICATES / "ca.pem")


@pytest.mark.parametrize(
    ("certificate", "tls"),
    [
        ("good", Tls(ca_file=CA)),
        ("good", Tls(ca_file=CA, server_name="bot.example")),
        ("other_host", Tls(ca_file=CA, server_name="elsewhere.example")),
        ("self_signed", Tls(ca_file=str(CERTIFICATES / "self_signed.pem"))),
        ("expired", Tls(insecure=True)),
    ],
)
def test_tls_with_the_right_options(certificate: str, tls: Tls) -> None:
    with FaultyServer("good", certificate) as server:
        assert get(server.url, tls=tls).status == 200


@pytest.mark.parametrize(
    ("certificate", "tls", "sentence"),
    [
        ("self_signed", Tls(), "it is self-signed; set ca_file to it, if it is yours"),
        ("good", Tls(), "its issuer is not trusted here; set ca_file to the issuer's certificate"),
        ("expired", Tls(ca_file=CA), "it has expired; renew it on the server"),
        ("other_host", Tls(ca_file=CA), "it is for another host; set server_name to the name it holds"),
        ("good", Tls(ca_file=CA, server_name="x.example"), "it is for another host; set server_name"),
    ],
)
def test_a_certificate_that_cannot_be_trusted_has_its_own_sentence(certificate: str, tls: Tls, sentence: str) -> None:
    with FaultyServer("good", certificate) as server:
        fault = fault_of(server.url, BEARER, tls)
    assert fault.word == "certificate"
    assert str(fault).startswith(f"certificate of {server.url}: {sentence}")
    assert server.requests == []


def test_https_to_a_plain_port_and_http_to_a_tls_port() -> None:
    with FaultyServer("good") as server:
        fault = fault_of(server.url.replace("http:", "https:"))
        assert str(fault).endswith("does not speak TLS: use http:// instead of https://")
    with FaultyServer("good", "good") as server:
        assert fault_of(server.url.replace("https:", "http:")).word in ("not HTTP", "no answer", "reset")


def test_a_tls_handshake_that_hangs_keeps_the_deadline() -> None:
    with FaultyServer("hang") as server, pytest.raises(FetchError) as caught:
        get(server.url.replace("http:", "https:"), deadline=200)
    assert str(caught.value).startswith("no TLS handshake with https://127.0.0.1")


@pytest.mark.parametrize("tls", [Tls(ca_file="/no/ca.pem"), Tls(cert_file=CA), Tls(ca_file=__file__)])
def test_a_tls_file_that_cannot_be_read_is_named(tls: Tls) -> None:
    with FaultyServer("good", "good") as server:
        fault = fault_of(server.url, tls=tls)
    assert f"cannot read {tls.ca_file or tls.cert_file}" in str(fault)
    assert "check ca_file, cert_file and key_file" in str(fault)


def test_importing_the_scraper_does_not_import_httpx() -> None:
    code = "import sys, tradetop.scrape.scrape, tradetop.scrape.probe; print('httpx' in sys.modules)"
    path = str(Path(__file__).parents[2] / "src")
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def test_a_port_that_swallows_connections_keeps_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as stack:
        for _ in range(4):  # Nobody accepts, so that the queue is full and further connections get no answer.
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex(listener.getsockname())
        with pytest.raises(FetchError) as caught:
            get(f"http://127.0.0.1:{listener.getsockname()[1]}/metrics", deadline=200)
    assert caught.value.word == "timeout"
    assert str(caught.value).startswith("no connection to http://127.0.0.1")
    assert "within 0.2 s: wrong host, a firewall drops it, or the bot hangs" in str(caught.value)


@pytest.mark.parametrize("head", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["no answer", "no end"])
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_deadline_closes_the_connection(scheme: str, head: bytes) -> None:
    hung_up = threading.Event()

    def silent(connection: socket.socket, stop: threading.Event) -> None:
        connection.settimeout(5)
        connection.sendall(head if scheme == "http" else b"")
        with suppress(ConnectionError):
            while connection.recv(4096):
                pass
        hung_up.set()

    with FaultyServer(silent) as server:
        with pytest.raises(FetchError):
            # To read the authorities alone can take 60 ms, and then nobody has connected yet.
            get(server.url.replace("http:", f"{scheme}:"), deadline=60 if scheme == "http" else 600)
        assert hung_up.wait(5)
