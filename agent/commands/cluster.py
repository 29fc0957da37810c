"""The nodes of a batch on several machines: `python -m agent scheduler` and `python -m agent worker`, on dask.distributed."""

import argparse
import asyncio
import importlib
import logging
import re
import signal
import socket
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.core.errors import EnvironmentUnfit, UsageError

ADDRESS = re.compile(r"(?P<protocol>tcp|tls)://(?P<host>[^\s/:\[\]]+|\[[0-9a-fA-F:]+\]):(?P<port>\d{1,5})")
EVERYWHERE = ("0.0.0.0", "[::]", "*")
ANSWER_SECONDS = 10.0
AGAIN_SECONDS = 2.0
"""Between two looks whether a scheduler is back."""
QUIET = {
    "distributed.comm.timeouts.connect": "10s",
    "distributed.scheduler.worker-ttl": "60s",
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.profile.enabled": False,
    "distributed.nanny.pre-spawn-environ": {"DASK_LOGGING__DISTRIBUTED": "critical"},
    "distributed.admin.log-format": "%(message)s",
}
"""What dask does beside our work is left out; a worker that says nothing for a minute counts as dead."""
RISK = "dask executes whatever it is sent: who can connect to {host} there can run any program as this user"


@dataclass(frozen=True)
class Address:
    """Where a scheduler listens."""

    protocol: str
    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.protocol}://{self.host}:{self.port}"

    @property
    def loopback(self) -> bool:
        """Whether only this machine reaches it."""
        return self.host in ("localhost", "[::1]") or self.host.startswith("127.")


@dataclass(frozen=True)
class Link:
    """An address and what is needed to speak to it."""

    address: Address
    ca: Path | None
    cert: Path | None
    key: Path | None

    def security(self) -> Any:
        """For dask."""
        if self.address.protocol == "tcp":
            return None
        roles = {f"tls_{role}_{what}": str(getattr(self, what)) for role in ("client", "scheduler", "worker") for what in ("cert", "key")}
        return engine().Security(tls_ca_file=str(self.ca), require_encryption=True, **roles)


def engine() -> Any:
    """The package `distributed`, set up.

    Raises:
        EnvironmentUnfit: it is not installed.
    """
    try:
        found = importlib.import_module("distributed")
        dask = importlib.import_module("dask")
    except ImportError as missing:
        hint = "Install it on every machine with `make cluster`; --backend local needs nothing."
        raise EnvironmentUnfit(f"missions on several machines need the extra [cluster]: {missing}", hint=hint) from None
    dask.config.set(QUIET)
    names = ("distributed", "tornado", "asyncio", *logging.root.manager.loggerDict)
    for name in names:  # a lost connection is told in one line, by us
        if name.startswith(names[:3]):
            logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    return found


def link_of(args: argparse.Namespace) -> Link:
    """The address and the TLS files of the command line.

    Raises:
        UsageError: no address, or one that does not fit the files.
    """
    text = args.scheduler or ""
    found = ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found["port"]) < 65536:
        raise UsageError(f"{text!r} is no address of a scheduler", hint="Give tcp://HOST:PORT, or tls://HOST:PORT with --tls-* files.")
    files = {name: getattr(args, f"tls_{name}") for name in ("ca", "cert", "key")}
    if found["protocol"] == "tcp" and any(files.values()):
        raise UsageError(
            f"{text} is not encrypted, the --tls-* files would not be used", hint=f"Give tls://{found['host']}:{found['port']}."
        )
    if found["protocol"] == "tls" and (absent := [f"--tls-{name}" for name, file in files.items() if file is None or not file.is_file()]):
        raise UsageError(f"{text} needs files: {', '.join(absent)}", hint="Name a CA, a certificate and its key, each as a PEM file.")
    return Link(Address(found["protocol"], found["host"], int(found["port"])), **{n: f and f.resolve() for n, f in files.items()})


def own_address(link: Link) -> str:
    """The address of this machine from which it reaches the scheduler; workers listen there and nowhere else.

    Raises:
        EnvironmentUnfit: nobody answers.
    """
    place = (link.address.host.strip("[]"), link.address.port)
    try:
        with socket.create_connection(place, ANSWER_SECONDS) as connection:
            return str(connection.getsockname()[0])
    except OSError as error:
        hint = f"Start one with `python -m agent scheduler {link.address}`, or correct the address."
        raise EnvironmentUnfit(f"no scheduler answers at {link.address}: {error.strerror or error}", hint=hint) from None


def scheduler(args: argparse.Namespace) -> int:
    """Run the scheduler until it is told to stop."""
    link = link_of(args)
    if link.address.host in EVERYWHERE:
        raise UsageError(f"{link.address} is every interface of this machine", hint="Name the one address that the workers are to reach.")
    return asyncio.run(_scheduling(link))


async def _scheduling(link: Link) -> int:
    stop = _stop_on_signals()
    options: dict[str, Any] = {"dashboard": False, "dashboard_address": "127.0.0.1:0", "security": link.security()}
    address = link.address
    try:
        node = await engine().Scheduler(host=address.host, port=address.port, protocol=address.protocol, **options)
    except (OSError, RuntimeError) as error:
        hint = "Choose another port, the address of an interface of this machine, or other TLS files."
        raise EnvironmentUnfit(f"cannot listen at {address}: {error.__cause__ or error}", hint=hint) from None
    say(f"scheduler at {address}; a worker for it: python -m agent worker {address}; the batch: --backend dask --scheduler {address}")
    if not address.loopback:
        say(f"note: {RISK.format(host=address.host)}" + ("; only with a certificate of the CA" if address.protocol == "tls" else ""))
    await stop.wait()
    await node.close()
    return 0


def worker(args: argparse.Namespace) -> int:
    """Take missions, one at a time, until it is told to stop; a scheduler that went away is waited for."""
    link = link_of(args)
    engine()
    until = time.monotonic() + ANSWER_SECONDS  # both may be started at the same time
    while True:
        try:
            own_address(link)
            return asyncio.run(_working(link))
        except EnvironmentUnfit:
            if time.monotonic() > until:
                raise
        time.sleep(0.5)


async def _working(link: Link) -> int:
    stop = _stop_on_signals()
    while not stop.is_set():
        try:
            host = own_address(link)
        except EnvironmentUnfit:
            await _first(stop.wait(), asyncio.sleep(AGAIN_SECONDS))
            continue
        with tempfile.TemporaryDirectory(prefix="agent-worker-", ignore_cleanup_errors=True) as scratch:
            nanny = engine().Nanny(
                str(link.address),
                nthreads=1,
                host=host,
                memory_limit=0,
                local_directory=scratch,
                dashboard=False,
                dashboard_address="127.0.0.1:0",
                silence_logs=logging.CRITICAL,
                security=link.security(),
                name=f"{socket.gethostname()}-{time.time_ns()}",
            )
            await nanny
            say(f"worker of {link.address} on {host}, process {nanny.pid}; one mission at a time")
            await _first(stop.wait(), nanny.finished())
            await nanny.close(timeout=5)
        if not stop.is_set():
            say(f"the scheduler at {link.address} is gone; waiting for it")
    return 0


async def _first(*waits: Any) -> None:
    """Wait for one of several things."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    _, left = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in left:
        task.cancel()


def _stop_on_signals() -> asyncio.Event:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop


def say(text: str) -> None:
    """A line for whoever started the node."""
    print(text, flush=True)
    sys.stdout.flush()
