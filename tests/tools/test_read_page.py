"""Pages are read politely, within limits and from public addresses only; what comes back can be quoted and is harmless to show."""

import hashlib
import json
import os
import time
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.core.settings import Settings
from agent.core.tool import ToolContext
from tests.conftest import SLACK, agent
from tests.loopback_web import PLAIN, QUOTE, LoopbackWeb
from tests.serving import serving
from tools.page_addresses import NotRead, addresses, place, public
from tools.page_fetch import AGENT, Fetcher, parsed
from tools.page_pieces import pieces
from tools.page_robots import Robots
from tools.page_text import main_text
from tools.read_page import PASSAGE, TOOL, ReadPageResult, passages_of


@pytest.fixture(scope="module")
def web() -> Iterator[LoopbackWeb]:
    with serving(LoopbackWeb()) as server:
        yield server


def read(cache: Path, url: str, hosts: tuple[str, ...] = (), search: str = "ddgs", **args: Any) -> ReadPageResult:
    settings = Settings.load({}, cache=cache, search=search, fetch_hosts=hosts)
    return TOOL.call({"url": url, **args}, ToolContext(settings, None, None, lambda line: None))


def tool(web: LoopbackWeb, cache: Path, page: str, *options: str, **variables: str) -> dict[str, Any]:
    """The page, read by the command line."""
    own = {"STAGEFLOW_AGENT_CACHE": str(cache), "STAGEFLOW_AGENT_FETCH_HOSTS": web.host}
    done = agent("tool", "read_page", "--url", f"{web.url}/{page}", "--json", *options, env=os.environ | own | variables)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


def test_a_page_becomes_passages_with_receipts(web: LoopbackWeb, tmp_path: Path) -> None:
    said = tool(web, tmp_path, "moved")
    assert (said["ok"], said["page"], said["title"]) == (True, f"{web.url}/normal", "Post-mortem: charged twice")
    assert len(said["sha256"]) == 64 and said["retrieved_at"].endswith("+00:00") and said["cache_age_seconds"] is None
    (passage,) = [p for p in said["passages"] if QUOTE in p["text"]]
    assert passage["sha256"] == hashlib.sha256(passage["text"].encode()).hexdigest() and passage["id"].startswith(said["sha256"][:8])
    assert not any("Imprint" in p["text"] or "All posts" in p["text"] for p in said["passages"]), "menus and footers are no main text"
    assert web.agents == {"stageflow-reliability-agent/0.1 (reads single pages for research)"}
    before = len(web.asked)
    again = tool(web, tmp_path, "moved")
    assert again["passages"] == said["passages"] and again["retrieved_at"] == said["retrieved_at"]
    assert again["cache_age_seconds"] is not None and len(web.asked) == before, "the second answer came from the cache"


@pytest.mark.parametrize(
    ("page", "words"),
    [
        ("forbidden", "robots.txt of 127.0.0.1 does not allow it"),
        ("to-forbidden", "redirected to http://127.0.0.1:.*/forbidden: robots.txt"),
        ("large", "more than 2000000 bytes"),
        ("to-private", "redirected to http://169.254.169.254/latest/: .* not a public address"),
        ("to-file", "not an http or https address"),
        ("loop", "more than 5 redirects"),
        ("binary", "content type is application/pdf"),
        ("untyped", "content type is not stated"),
        ("no-such-page", "HTTP 404"),
    ],
)
def test_what_may_not_be_read(page: str, words: str, web: LoopbackWeb) -> None:
    with pytest.raises(NotRead, match=words):
        Fetcher({web.host}, 5.0).page(f"{web.url}/{page}", 2_000_000)
    assert "forbidden" not in web.asked, "what is forbidden is not even asked for"


@pytest.mark.parametrize(("page", "words"), [("menu", "no main text"), ("broken", "cannot be read"), ("large", "more than 2000000 bytes")])
def test_what_cannot_be_read_is_an_answer(page: str, words: str, web: LoopbackWeb, tmp_path: Path) -> None:
    said = tool(web, tmp_path, page)
    assert not said["ok"] and said["passages"] == [] and words in said["error"]
    assert not (tmp_path / "pages").exists(), "failures are not cached"


@pytest.mark.parametrize(("page", "seconds"), [("hanging", 1.0), ("trickle", 1.5)])
def test_the_time_limit_is_kept(page: str, seconds: float, web: LoopbackWeb, tmp_path: Path) -> None:
    began = time.monotonic()
    answer = read(tmp_path, f"{web.url}/{page}", (web.host,), seconds=seconds)
    assert not answer.ok and "within" in answer.error
    assert time.monotonic() - began < seconds + SLACK


@pytest.mark.parametrize(
    ("robots", "ok", "words"),
    [("absent", True, ""), ("error", False, "answered HTTP 503, so nothing is read"), ("hang", False, "no answer")],
)
def test_a_host_that_does_not_say_what_it_allows_is_left_alone(robots: str, ok: bool, words: str) -> None:
    with serving(LoopbackWeb(robots=robots)) as server:
        with nullcontext() if ok else pytest.raises(NotRead, match=words):
            assert Fetcher({server.host}, 0.5 if robots == "hang" else 10.0).page(f"{server.url}/normal", 10_000).body
        assert ("normal" in server.asked) == ok


@pytest.mark.parametrize(
    ("rules", "path", "ok"),
    [
        ("User-agent: *\nDisallow: /", "/", False),
        ("User-agent: *\nDisallow:", "/a", True),
        ("User-agent: *\nDisallow: /a", "/ab", False),
        ("User-agent: *\nDisallow: /a", "/b", True),
        ("User-agent: other\nDisallow: /", "/a", True),
        ("User-agent: stageflow-reliability-agent\nDisallow: /\n\nUser-agent: *\nDisallow:", "/a", False),
        ("User-agent: *\nDisallow: /*.cgi$", "/x/y.cgi", False),
        ("User-agent: *\nDisallow: /*.cgi$", "/x/y.cgi?a=1", True),
        ("User-agent: *\nDisallow: /*?sort=", "/list?sort=up", False),
        ("User-agent: *\nDisallow: /*?sort= # why", "/list?page=2", True),
        ("User-agent: *\nAllow: /*/open\nDisallow: /", "/a/open/b", True),
        ("User-agent: other\nDisallow: /*x\nUser-agent: *\nDisallow: /b", "/b", False),
        ("<html>no rules at all</html>", "/a", True),
    ],
)
def test_rules_of_a_host(rules: str, path: str, ok: bool) -> None:
    robots = Robots(AGENT, lambda file: (200, rules))
    with nullcontext() if ok else pytest.raises(NotRead, match=r"robots.txt of a.example does not allow it"):
        robots.check(parsed(f"https://a.example{path}"))


def test_a_host_is_only_reached_when_the_setting_names_it_with_its_port(web: LoopbackWeb, tmp_path: Path) -> None:
    with ExitStack() as stack:
        other = stack.enter_context(serving(LoopbackWeb(private=f"{web.url}/normal")))
        before = len(web.asked)
        assert "not a public address" in read(tmp_path, f"{web.url}/normal").error
        assert "not a public address" in read(tmp_path, f"{web.url}/normal", ("127.0.0.1:1",)).error
        answer = read(tmp_path, f"{other.url}/to-private", (other.host,))
        assert not answer.ok and f"redirected to {web.url}/normal" in answer.error
        assert len(web.asked) == before
        assert read(tmp_path, f"{web.url}/normal", (web.host,)).ok
        assert not read(tmp_path, f"{web.url}/normal").ok, "what the setting allowed is not served from the cache without it"


def test_offline_reads_nothing(web: LoopbackWeb, tmp_path: Path) -> None:
    before = len(web.asked)
    answer = read(tmp_path, f"{web.url}/normal", (web.host,), search="offline")
    assert not answer.ok and "no network" in answer.error and len(web.asked) == before


def test_a_plain_text_is_read_without_terminal_escapes(web: LoopbackWeb, tmp_path: Path) -> None:
    texts = [p.text for p in read(tmp_path, f"{web.url}/plain", (web.host,)).passages]
    assert "A circuit breaker opens after five failures of the payment gateway." in texts


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "240.0.0.1",
     "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
     "64:ff9b::7f00:1", "2002:7f00:1::1", "2001:0:7f00:1::1", "2001:db8::1"],
)  # fmt: skip
def test_addresses_that_are_not_public(address: str) -> None:
    assert not public(address)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.216.34", "2606:4700:4700::1111", "::ffff:1.1.1.1"])
def test_public_addresses(address: str) -> None:
    assert public(address)


@given(st.ip_addresses())
def test_no_address_that_python_calls_private_is_public(ip: Any) -> None:
    assert not public(str(ip)) or not (ip.is_private or ip.is_loopback or ip.is_link_local or ip.is_multicast or ip.is_unspecified)


@pytest.mark.parametrize("host", ["localhost", "127.1", "0x7f000001", "2130706433", "0"])
def test_another_name_for_this_machine_is_seen_through(host: str) -> None:
    with pytest.raises(NotRead):
        addresses(host, 80, frozenset())


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "ftp://a.example/", "http://", "https://me:secret@a.example/", "http://[::1", "x" * 9]
)
def test_what_is_no_address_of_a_page(url: str) -> None:
    with pytest.raises(NotRead):
        parsed(url)


def test_a_setting_names_hosts_with_ports() -> None:
    assert (place("LocalHost", 80), place("::1", 8080)) == ("localhost:80", "[::1]:8080")


@given(st.text(max_size=2_000), st.integers(1, 700))
def test_pieces_are_short_and_hold_every_word(text: str, longest: int) -> None:
    found = list(pieces(text, longest))
    assert all(len(piece) <= longest and piece == " ".join(piece.split()) for piece in found)
    assert "".join("".join(found).split()) == "".join(text.split())


@given(st.lists(st.text(max_size=900), max_size=6))
def test_passages_are_one_clean_line_each_and_unique(paragraphs: list[str]) -> None:
    found = passages_of("0" * 64, paragraphs)
    assert len({p.text for p in found}) == len({p.id for p in found}) == len(found)
    for passage in found:
        assert len(passage.text) <= PASSAGE and not any(unicodedata.category(c).startswith("C") for c in passage.text)


@pytest.mark.parametrize("charset", ["", "utf-8", "latin-1", "no-such-charset", "hex"])
def test_any_stated_charset_is_survived(charset: str) -> None:
    title, paragraphs = main_text(f"<title>A &amp; B</title><p>{PLAIN}{PLAIN}</p>".encode(), "text/html", charset)
    assert title == "A & B" and paragraphs
