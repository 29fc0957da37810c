"""The folder of runs in a browser: this machine only, nothing but what is in it, nothing written, and a clean end."""

import http.client
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.cli import main
from agent.reporting.viewer import HEADERS, Viewer
from tests.conftest import ROOT, SLACK
from tests.serving import serving

SECRET = "not yours"


@pytest.fixture(scope="module")
def viewer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Viewer]:
    """A folder with pages, texts, links that lead out and in, hidden and odd names."""
    base = tmp_path_factory.mktemp("base")
    (base / "secret.txt").write_text(SECRET)
    run = base / "runs/CORE-001/run-2026-01-01-001"
    (run / "findings/BUG-001").mkdir(parents=True)
    (run / "report.html").write_text("<title>r</title><p>page")
    (run / "findings/BUG-001/README.md").write_text("<script>1</script>")
    (run / "x.svg").write_text("<svg onload='1'/>")
    (run / "a <b>&'\".txt").write_text("odd")
    (run / ".hidden").write_text(SECRET)
    (run / "link.txt").symlink_to(base / "secret.txt")
    (run / "out").symlink_to(base)
    (run / "in").symlink_to(run / "findings")
    with serving(Viewer(base / "runs")) as server:
        yield server


def ask(viewer: Viewer, target: str, method: str = "GET", host: str | None = "", **headers: str) -> tuple[int, dict[str, str], str]:
    """As a client that says exactly this; `host` None: no such header."""
    connection = http.client.HTTPConnection("127.0.0.1", viewer.server_port, timeout=10)
    connection.putrequest(method, target, skip_host=True)
    if host is not None:
        connection.putheader("Host", host or f"127.0.0.1:{viewer.server_port}")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    told = (answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read().decode())
    connection.close()
    return told


RUN = "/CORE-001/run-2026-01-01-001"


def test_pages_are_pages_and_everything_else_is_text_or_kept(viewer: Viewer) -> None:
    status, headers, body = ask(viewer, f"{RUN}/report.html")
    assert (status, headers["content-type"], body) == (200, "text/html; charset=utf-8", "<title>r</title><p>page")
    assert ask(viewer, f"{RUN}/findings/BUG-001/README.md")[1]["content-type"] == "text/plain; charset=utf-8"
    assert ask(viewer, f"{RUN}/x.svg")[1]["content-type"] == "application/octet-stream"
    assert ask(viewer, f"{RUN}/report.html", "HEAD")[::2] == (200, "")


def test_every_answer_has_the_headers(viewer: Viewer) -> None:
    wanted = {name.lower(): value for name, value in HEADERS.items()}
    for target, method in (("/", "GET"), (f"{RUN}/report.html", "GET"), ("/nothing", "GET"), ("/", "POST"), (RUN, "GET")):
        headers = ask(viewer, target, method)[1]
        assert headers.items() >= wanted.items(), target
        assert not {"access-control-allow-origin", "set-cookie"} & headers.keys() and headers["server"].strip() == "viewer"


def test_folders_are_listed_without_what_is_hidden_or_leads_elsewhere(viewer: Viewer) -> None:
    status, headers, _ = ask(viewer, RUN)
    assert (status, headers["location"]) == (302, f"{RUN}/")
    body = ask(viewer, f"{RUN}/")[2]
    assert (
        "findings/" in body
        and "a &lt;b&gt;&amp;&#39;&#34;.txt" in body
        and ">.hidden" not in body
        and "link.txt" not in body
        and ">out" not in body
    )
    assert ask(viewer, f"{RUN}/a%20%3Cb%3E%26%27%22.txt")[2] == "odd"
    assert "CORE-001/" in ask(viewer, "/")[2]


ESCAPES = (
    "/../secret.txt", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/%2e%2e%2fsecret.txt", f"{RUN}/../../../secret.txt", f"{RUN}/link.txt", f"{RUN}/out/secret.txt",
    f"{RUN}/out/", f"{RUN}/in/BUG-001/README.md", f"{RUN}/.hidden", "/..\\secret.txt", "/..%5csecret.txt", "/%252e%252e/secret.txt", "//secret.txt", "/./secret.txt",
    "/%00", "/a%00/../secret.txt", "/etc/passwd", "//etc/passwd", "file:///etc/passwd", "http://other/../secret.txt", "/" + "a/" * 3000, "/" + "%2e%2e/" * 20 + "etc/passwd",
    "/%ff%fe", f"{RUN}/report.html/", f"{RUN}/report.html/..", "/?../secret.txt#x",
)  # fmt: skip


@pytest.mark.parametrize("target", ESCAPES, ids=range(len(ESCAPES)))
def test_nothing_outside_is_shown(viewer: Viewer, target: str) -> None:
    status, _, body = ask(viewer, target)
    assert SECRET not in body and "root:" not in body
    assert status in (400, 404, 414) or (status == 200 and target == "/?../secret.txt#x")


@pytest.mark.parametrize(
    "host", [None, "evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.example:{port}", "[::1]:{port}"]
)
def test_another_name_for_this_machine_is_not_answered(viewer: Viewer, host: str | None) -> None:
    named = host.format(port=viewer.server_port) if host else host
    status, _, body = ask(viewer, f"{RUN}/report.html", host=named)
    assert status == 421 and "page" not in body
    assert ask(viewer, f"{RUN}/report.html", host=f"localhost:{viewer.server_port}")[0] == 200


def test_two_hosts_are_none(viewer: Viewer) -> None:
    assert ask(viewer, "/", Host="evil.example")[0] == 421


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "x"])
def test_it_can_only_be_read(viewer: Viewer, method: str) -> None:
    status, headers, body = ask(viewer, f"{RUN}/report.html", method)
    assert status == 405 and headers["allow"] == "GET, HEAD" and "page" not in body


def test_it_listens_on_loopback_only(viewer: Viewer) -> None:
    assert viewer.server_address[0] == "127.0.0.1"
    with socket.socket() as other:
        other.bind(("127.0.0.2", viewer.server_port))  # free: another address of this machine is not taken


def test_what_is_no_request_disturbs_nobody(viewer: Viewer, capfd: pytest.CaptureFixture[str]) -> None:
    for words in (
        b"\x16\x03\x01\x00\xa5",
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 500 + b"\r\n",
        b"",
        b"A" * 70_000,
    ):
        with socket.create_connection(("127.0.0.1", viewer.server_port), timeout=10) as client:
            client.sendall(words)
    assert ask(viewer, f"{RUN}/report.html")[0] == 200
    assert "Traceback" not in capfd.readouterr().err


@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGTERM])
def test_the_command_tells_where_it_is_and_ends_cleanly(tmp_path: Path, ended_by: signal.Signals) -> None:
    (tmp_path / "campaign").mkdir()
    (tmp_path / "campaign/index.html").write_text("all")
    command = [sys.executable, "-m", "agent", "view", "--runs", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stderr
        address = process.stdout.readline().split()[0]
        connection = http.client.HTTPConnection(address.removeprefix("http://").rstrip("/"), timeout=10)
        connection.request("GET", "/")
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Location")) == (302, "/campaign/index.html")
        connection.close()
        process.send_signal(ended_by)
        assert process.wait(SLACK) == 0
        assert process.stderr.read() == ""


def test_what_cannot_be_served_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        assert main(["view", "--runs", str(tmp_path), "--port", str(taken.getsockname()[1])]) == 4
    assert capsys.readouterr().err.startswith("error: port")
    for args in (("--port", "70000"), ("--runs", str(tmp_path / "nowhere"))):
        assert main(["view", *args]) == 2
