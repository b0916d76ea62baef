"""``atlas collect``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from atlas.cli import collect_services
from atlas.cli.output import cell, progress, say, say_json
from atlas.errors import UsageError
from atlas.settings import Settings

if TYPE_CHECKING:
    from atlas.collectors.git import GitCollection

app = typer.Typer(help="Fetch from systems that don't deliver files.", no_args_is_help=True)


app.command("github")(collect_services.github)
app.command("gitlab")(collect_services.gitlab)
app.command("jira")(collect_services.jira)


@app.command()
def git(
    raw_paths: Annotated[list[str], typer.Argument(metavar="PATH...", help="Local repositories, bare or not.")],
    name: Annotated[str | None, typer.Option(help="What to file the repository under (only with one PATH).")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For scripts.")] = False,  # noqa: FBT002
) -> None:
    """Land the commits and refs of local git repositories: what has changed since they were last collected."""
    from atlas.collectors.git import collect_repository  # noqa: PLC0415
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.sources import load_sources  # noqa: PLC0415

    if name is not None and len(raw_paths) != 1:
        raise UsageError("--name is for one repository; give one PATH with it.")
    if not all(map(str.strip, raw_paths)):
        raise UsageError("A path is empty. Is a shell variable unset?")
    paths = [Path(path) for path in raw_paths]
    settings = Settings.from_environment()
    sources = load_sources(settings.project)
    collections: list[GitCollection] = []
    try:
        with connect_migrated(settings) as connection:
            for path in paths:
                with progress(f"Collecting {path}", "commits") as report:
                    collection = collect_repository(connection, sources, path, name=name, progress=report)
                collections.append(collection)
                if not as_json:
                    say_collection(collection)
    finally:
        # Also when a later repository fails: what has been collected by then, has.
        if as_json:
            say_json([as_dict(collection) for collection in collections])


def as_dict(collection: GitCollection) -> dict[str, object]:
    """A collection for ``--json``."""
    return {
        "repository": collection.repository,
        "path": str(collection.path),
        "commits": collection.commits.as_dict(),
        "refs": collection.refs.as_dict(),
        "commits_deleted": collection.commits_deleted,
        "refs_deleted": collection.refs_deleted,
        "shallow": collection.shallow,
        "notes": list(collection.notes),
        "duration_s": round(collection.duration_s, 3),
    }


def say_collection(collection: GitCollection) -> None:
    """Print what a collection did, for people."""
    commits, refs = collection.commits, collection.refs
    say(
        f"git  {cell(collection.repository)}: {commits.accepted:,} commit changes and {refs.accepted:,} ref changes"
        f" accepted, {commits.quarantined + refs.quarantined:,} quarantined, in {collection.duration_s:.2f} s"
    )
    if collection.commits_deleted:
        say(f"    {collection.commits_deleted:,} commits are no longer reachable")
    for sentence in collection.notes:
        say(f"    {cell(sentence)}")
