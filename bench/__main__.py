"""`python -m bench`: see docs/performance.md."""

from __future__ import annotations

import argparse
import json
import os
import shlex
import shutil
import signal
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg

from atlas.errors import AtlasError
from bench import (
    audit,
    bind,
    detection,
    dora,
    git,
    history,
    history_report,
    landing,
    landing_report,
    protection,
    quality,
    repositories,
    scan,
)
from bench.errors import BenchError
from bench.report import DOCUMENT, Circumstances, write_block

if TYPE_CHECKING:
    from collections.abc import Iterator

# What has to be said for somebody else to measure the same.
SAID = {
    "audit": ("rows", "runs"),
    "bind": ("facts", "versions", "runs"),
    "detection": ("series", "seed"),
    "dora": ("size",),
    "git": ("runs",),
    "history": ("keys", "runs", "growth"),
    "landing": ("records", "runs", "dlt-runs", "memory-at", "without"),
    "protection": ("rows", "models", "runs"),
    "quality": ("tables", "rows", "models", "runs"),
    "repositories": ("runs",),
    "scan": ("values", "runs"),
}


def main() -> None:
    """Measure what the command line names."""
    # So that a terminated benchmark stops its server, too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    arguments = _parser().parse_args()
    try:
        {
            "audit": _measure_audit,
            "bind": _measure_bind,
            "detection": _measure_detection,
            "dora": _measure_dora,
            "git": _measure_git,
            "history": _measure_history,
            "landing": _measure_landing,
            "protection": _measure_protection,
            "quality": _measure_quality,
            "repositories": _measure_repositories,
            "scan": _measure_scan,
        }[arguments.what](arguments)
    except (BenchError, AtlasError) as error:
        sys.exit(f"bench: {error}")
    except psycopg.Error as error:
        sys.exit(f"bench: the database refused: {str(error).strip()}")
    except KeyboardInterrupt:
        sys.exit(130)


def _measure_landing(arguments: argparse.Namespace) -> None:
    circumstances = Circumstances.here_and_now(_command(arguments))
    plan = landing.Plan(
        records=arguments.records,
        rounds=arguments.runs,
        dlt_rounds=arguments.runs if arguments.dlt_runs is None else arguments.dlt_runs,
        memory_at=arguments.memory_at,
        server=arguments.server,
        without=arguments.without,
        postgres_bin=_postgres_bin(),
    )
    cache = _cache()
    with _workspace(cache) as workspace:
        measured = landing.measure(plan, cache, workspace)
    _publish(
        arguments, circumstances, "landing", landing_report.as_markdown(measured), landing_report.as_dict(measured)
    )


def _measure_git(arguments: argparse.Namespace) -> None:
    circumstances = Circumstances.here_and_now(_command(arguments))
    with _workspace(_cache()) as workspace:
        found = git.measure(arguments.paths, arguments.runs, arguments.server, workspace, _postgres_bin())
    _publish(arguments, circumstances, "git", git.as_markdown(*found), git.as_dict(*found))


def _measure_history(arguments: argparse.Namespace) -> None:
    circumstances = Circumstances.here_and_now(_command(arguments))
    measured = []
    for keys in arguments.keys:
        # Growth is looked for where a run is quickest.
        grows = arguments.growth if keys == min(arguments.keys) else 0
        plan = history.Plan(keys, arguments.runs, grows, arguments.server, _postgres_bin())
        with _workspace(_cache()) as workspace:
            measured.append(history.measure(plan, workspace))
    _publish(
        arguments, circumstances, "history", history_report.as_markdown(measured), history_report.as_dict(measured)
    )


def _measure_bind(arguments: argparse.Namespace) -> None:
    circumstances = Circumstances.here_and_now(_command(arguments))
    with _workspace(_cache()) as workspace:
        bound = bind.measure(
            arguments.facts, arguments.versions, arguments.runs, arguments.server, workspace, _postgres_bin()
        )
    _publish(arguments, circumstances, "bind", bind.as_markdown(bound), bind.as_dict(bound))


def _measure_detection(arguments: argparse.Namespace) -> None:
    circumstances = Circumstances.here_and_now(_command(arguments))
    with _workspace(_cache()) as workspace:
        found = detection.measure(
            arguments.seed or [21, 22, 23], arguments.series, arguments.server, workspace, _postgres_bin()
        )
    _publish(arguments, circumstances, "detection", detection.as_markdown(found), detection.as_dict(found))


def _measure_dora(arguments: argparse.Namespace) -> None:
    circumstances = Circumstances.here_and_now(_command(arguments))
    with _workspace(_cache()) as workspace:
        found = dora.measure(arguments.size or list(dora.SIZES), arguments.server, workspace, _postgres_bin())
    _publish(arguments, circumstances, "dora", dora.as_markdown(*found), dora.as_dict(*found))


def _measure_repositories(arguments: argparse.Namespace) -> None:
    circumstances = Circumstances.here_and_now(_command(arguments))
    with _workspace(_cache()) as workspace:
        found = repositories.measure(arguments.paths, arguments.runs, arguments.server, workspace, _postgres_bin())
    _publish(
        arguments,
        circumstances,
        "repositories",
        repositories.as_markdown(*found),
        repositories.as_dict(*found),
    )


def _measure_protection(arguments: argparse.Namespace) -> None:
    circumstances = Circumstances.here_and_now(_command(arguments))
    with _workspace(_cache()) as workspace:
        costs = protection.measure(
            arguments.rows, arguments.models, arguments.runs, arguments.server, workspace, _postgres_bin()
        )
    _publish(arguments, circumstances, "protection", protection.as_markdown(costs), protection.as_dict(costs))


def _measure_quality(arguments: argparse.Namespace) -> None:
    circumstances = Circumstances.here_and_now(_command(arguments))
    with _workspace(_cache()) as workspace:
        costs = quality.measure(
            arguments.tables,
            arguments.rows,
            arguments.models,
            arguments.runs,
            arguments.server,
            workspace,
            _postgres_bin(),
        )
    _publish(arguments, circumstances, "quality", quality.as_markdown(costs), quality.as_dict(costs))


def _measure_scan(arguments: argparse.Namespace) -> None:
    circumstances = Circumstances.here_and_now(_command(arguments))
    cache = _cache()
    with _workspace(cache) as workspace:
        found = scan.measure(arguments.values, arguments.runs, arguments.server, cache, workspace, _postgres_bin())
    _publish(arguments, circumstances, "scan", scan.as_markdown(found), scan.as_dict(found))


def _measure_audit(arguments: argparse.Namespace) -> None:
    circumstances = Circumstances.here_and_now(_command(arguments))
    with _workspace(_cache()) as workspace:
        measured = audit.measure(arguments.rows, arguments.runs, arguments.server, workspace, _postgres_bin())
    _publish(arguments, circumstances, "audit", audit.as_markdown(*measured), audit.as_dict(*measured))


def _publish(
    arguments: argparse.Namespace, circumstances: Circumstances, name: str, text: str, values: dict[str, Any]
) -> None:
    """Print the results, and put them where they were asked for."""
    text = f"{circumstances.as_markdown()}\n\n{text}"
    print(text)
    if arguments.json:
        whole = json.dumps({"circumstances": circumstances.as_dict()} | values, indent=2)
        arguments.json.write_text(f"{whole}\n", encoding="utf-8")
    if arguments.write_docs:
        write_block(arguments.write_docs, name, text)


def _command(arguments: argparse.Namespace) -> str:
    """What repeats the measurement elsewhere."""
    other_postgres = "ATLAS_POSTGRES_BIN=… " if _postgres_bin() is not None and arguments.server == "embedded" else ""
    return f"{other_postgres}python -m bench {shlex.join(_words(arguments))}"


def _words(arguments: argparse.Namespace) -> list[str]:
    """The arguments, without a server's URI, which is private, and without local paths."""
    words = [arguments.what]
    if arguments.what in ("git", "repositories"):
        words += [path.name for path in arguments.paths]
    for option in SAID[arguments.what]:
        value = getattr(arguments, option.replace("-", "_"))
        for one in value if isinstance(value, list) else [value]:
            said = "x".join(map(str, one)) if isinstance(one, tuple) else str(one)
            words += [] if one is None else [f"--{option}", said]
    return [*words, *([] if arguments.server == "embedded" else ["--server", "URL"])]


def _postgres_bin() -> Path | None:
    given = os.environ.get("ATLAS_POSTGRES_BIN")
    return Path(given).expanduser().absolute() if given else None


def _cache() -> Path:
    """Keeps what is slow to make. Not in /tmp, which may lie in memory: the server's data lie here, too."""
    root = os.environ.get("XDG_CACHE_HOME")
    cache = (Path(root) if root else Path.home() / ".cache") / "atlas-bench"
    try:
        cache.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BenchError(
            f"{cache} can't be made: {error.strerror}. Set XDG_CACHE_HOME to a directory on a disk."
        ) from error
    return cache


@contextmanager
def _workspace(cache: Path) -> Iterator[Path]:
    workspace = Path(tempfile.mkdtemp(dir=cache, prefix="run-"))
    try:
        yield workspace
    finally:
        shutil.rmtree(workspace, ignore_errors=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m bench", description="Measure Atlas; see docs/performance.md.")
    kinds = parser.add_subparsers(dest="what", required=True)
    land = kinds.add_parser("landing", help=r"atlas land, beside psql's \copy and dlt")
    land.add_argument(
        "--records", type=_positive, default=1_000_000, metavar="N", help="records in the file (%(default)s)"
    )
    land.add_argument("--dlt-runs", type=_positive, metavar="N", help="as --runs, for dlt, which is slow")
    land.add_argument(
        "--memory-at", type=_positive, metavar="N", help="land N records once, too, for the peak of memory"
    )
    land.add_argument("--without", action="append", default=[], choices=["dlt", "copy"], help="leave a contestant out")
    collect = kinds.add_parser("git", help="atlas collect git")
    whole = kinds.add_parser("repositories", help="repositories from git to the DORA metrics, checked by git")
    for kind in (collect, whole):
        kind.add_argument("paths", nargs="+", type=_repository, metavar="PATH", help="a local repository")
    past = kinds.add_parser("history", help="the materialization scd2, beside dbt's snapshot")
    past.add_argument(
        "--keys", type=_positive, action="append", required=True, metavar="N", help="rows of the table; may be repeated"
    )
    past.add_argument(
        "--growth", type=int, default=30, metavar="N", help="runs of 1 %% changes in a row, at the end (%(default)s)"
    )
    bound = kinds.add_parser("bind", help="facts that take a dimension's versions, beside the same join in plain SQL")
    for option, count in (("--facts", 5_000_000), ("--versions", 1_000_000)):
        bound.add_argument(option, type=_positive, default=count, metavar="N", help="rows (%(default)s)")
    found = kinds.add_parser("detection", help="anomalies found in labelled series, beside a plain 3-sigma")
    found.add_argument("--series", type=_positive, default=200, metavar="N", help="series of a seed (%(default)s)")
    found.add_argument(
        "--seed",
        type=_positive,
        action="append",
        default=[],
        metavar="N",
        help="may be repeated; 21, 22 and 23 if none is given (1 to 3 are for tuning)",
    )
    shipped = kinds.add_parser("dora", help="the first deployment of each commit, in made repositories")
    shipped.add_argument(
        "--size",
        type=_size,
        action="append",
        default=[],
        metavar="COMMITSxTAGS",
        help="may be repeated; 9000x650 and 100000x1000 if none is given",
    )
    good = kinds.add_parser("quality", help="the end of a run: recording, scoring, profiling, judging")
    for option, count, what in (
        ("--tables", 10, "large tables"),
        ("--rows", 1_000_000, "rows of each"),
        ("--models", 100, "models with nothing new"),
    ):
        good.add_argument(option, type=_positive, default=count, metavar="N", help=f"{what} (%(default)s)")
    kept = kinds.add_parser("protection", help="views with masks and rows, beside their tables, and the hook")
    for option, count, what in (("--rows", 1_000_000, "rows"), ("--models", 20, "models that the hook publishes")):
        kept.add_argument(option, type=_positive, default=count, metavar="N", help=f"{what} (%(default)s)")
    personal = kinds.add_parser("scan", help="atlas scan, beside presidio-analyzer")
    personal.add_argument("--values", type=_positive, default=20_000, metavar="N", help="values (%(default)s)")
    logged = kinds.add_parser("audit", help="bulk changes of state, with the audit log and without")
    logged.add_argument("--rows", type=_positive, default=100_000, metavar="N", help="rows a change (%(default)s)")
    for kind in (land, collect, whole, past, bound, good, kept, personal, logged):
        kind.add_argument("--runs", type=_positive, default=5, metavar="N", help="rounds (%(default)s)")
    # Each starts dbt four times, or builds everything twice.
    kept.set_defaults(runs=3)
    whole.set_defaults(runs=3)
    for kind in (land, collect, whole, past, bound, good, found, shipped, kept, personal, logged):
        kind.add_argument(
            "--server",
            default="embedded",
            metavar="embedded|URL",
            help="its own server (ATLAS_POSTGRES_BIN names another PostgreSQL's programs), or a libpq URI of one whose "
            "role may make databases and CHECKPOINT",
        )
        kind.add_argument("--json", type=Path, metavar="FILE", help="write every run to FILE")
        kind.add_argument(
            "--write-docs",
            type=Path,
            nargs="?",
            const=DOCUMENT,
            metavar="FILE",
            help="put the results into their block of docs/performance.md",
        )
    return parser


def _positive(text: str) -> int:
    digits = text.replace("_", "").replace(",", "")
    if not digits.isascii() or not digits.isdigit() or int(digits) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} isn't a whole number above 0")
    return int(digits)


def _size(text: str) -> tuple[int, int]:
    commits, _, tags = text.partition("x")
    return _positive(commits), _positive(tags)


def _repository(text: str) -> Path:
    path = Path(text).absolute()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} isn't a directory")
    return path


if __name__ == "__main__":
    main()
