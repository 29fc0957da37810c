"""Who carries out the missions of a batch: this machine, or the workers of a scheduler."""

import argparse
import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from agent.commands.batch_carrying import Carrier, Here
from agent.commands.batch_missions import Terms, Wish
from agent.core.batch import FOLDER, LOCK
from agent.core.checkpoint_store import FILE, can_be_had
from agent.core.errors import UsageError
from agent.core.mounts import network_kind
from agent.core.settings import Settings
from agent.core.target import Target


def checked_backend(args: argparse.Namespace, settings: Settings) -> None:
    """See before anything is planned that backend and checkpoints can be had.

    Raises:
        UsageError: options that do not fit together.
        EnvironmentUnfit: the extra is not installed, or nobody answers.
    """
    can_be_had(settings)
    args.backend = args.backend or "local"
    if args.backend == "local":
        if args.scheduler or args.tls_ca or args.tls_cert or args.tls_key:
            raise UsageError("--scheduler and --tls-*: for --backend dask only", hint="Add --backend dask, or leave them out.")
        return
    if not args.scheduler:
        raise UsageError("--backend dask needs --scheduler tcp://HOST:PORT", hint="Start one with `python -m agent scheduler`.")
    from agent.commands.cluster import engine, link_of, own_address

    link = link_of(args)
    engine()
    if (place := Path(args.target)).is_dir():
        args.target = str(place.resolve())
    if not args.dry_run:
        own_address(link)


@contextlib.contextmanager
def carriers(
    args: argparse.Namespace, terms: Terms, target: Target, settings: Settings, wish: Wish, say: Callable[[str], None]
) -> Iterator[Carrier]:
    """The backend that was asked for; the caller holds the batch's lock."""
    if args.backend == "local":
        yield Here(terms.runs, terms.command, terms.abreast)
        return
    from agent.commands.batch_cluster import Workers, connected
    from agent.commands.batch_worker import Order, facts_here
    from agent.commands.cluster import link_of

    link, lock = link_of(args), f"{FOLDER}/{LOCK}"
    order = Order(
        runs=str(terms.runs),
        lock=lock,
        holder=(terms.runs / lock).read_text(encoding="utf-8"),
        target=args.target,
        command=terms.command,
        checkpoints=settings.checkpoints,
        sandbox=settings.sandbox,
    )
    if settings.checkpoints in ("", FILE) and (kind := network_kind(terms.runs)):
        say(
            f"note: {terms.runs} is on {kind}: SQLite's checkpoints are not made for that, see --checkpoints postgresql://...; one that is "
            "damaged costs its mission the walk over what was done, and nothing else"
        )
    with connected(link) as client:
        workers = Workers(client, link, order, facts_here(target.fingerprint, settings), say)
        workers.awaited(lambda: bool(wish.level) or time.monotonic() > terms.until)
        yield workers
