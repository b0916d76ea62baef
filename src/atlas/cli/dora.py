"""``atlas dora``."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from itertools import groupby
from typing import TYPE_CHECKING, Annotated, Any

import typer

from atlas.cli.output import say, say_json, say_table
from atlas.errors import UsageError
from atlas.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from atlas.dora import Explanation

app = typer.Typer(help="Delivery by the DORA metrics, and what is behind each figure.", invoke_without_command=True)

PERIODS = ("week", "month", "quarter")
SCOPES = ("repository", "team", "organisation")
# A unit of time is used up to this many of it.
UNITS = (("min", 60, 120), ("h", 3_600, 48), ("d", 86_400, None))
REASONS = {
    "no_deployments": "no deployments",
    "only_baseline": "only the baseline",
    "no_changes": "no changes",
    "no_failures": "no failures",
    "not_restored": "not restored yet",
    "no_whole_week": "no week in it",
    "no_incidents_source": "no incidents collected",
    "no_incidents": "no incidents",
    "unlinked": "incidents not linked",
    "too_few": "n < 5",
}

NOTHING = {
    "repository": "No repository has been deployed yet; atlas dora without --by says of which there are figures.",
    "team": "No team is known, or none has shipped yet; seeds/delivery/declared_team_members.csv declares them.",
    "organisation": "No repository's organisation is known; seeds/delivery/repository_rules.csv declares it.",
}

AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]
Of = Annotated[
    str | None,
    typer.Option(metavar="repository|team|organisation", help="Whose figures; by default, those of repositories."),
]


@app.callback()
def dora(
    context: typer.Context,
    repository: Annotated[
        str | None, typer.Option("--repo", metavar="REPO", help="Only of this repository, as it was collected.")
    ] = None,
    team: Annotated[str | None, typer.Option(metavar="TEAM", help="Only of this team.")] = None,
    of: Of = None,
    by: Annotated[
        str | None, typer.Option(metavar="week|month|quarter", help="For each such period; by default, as a whole.")
    ] = None,
    last: Annotated[int, typer.Option(min=1, help="How many periods of each, the last ones.")] = 6,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """Show the metrics, with bands of 2021 and 2023 and how many were counted. A dash is unknown, which is not 0.

    How long pull requests took, stage by stage, is in navigate.mart_team_performance.
    """
    if context.invoked_subcommand is not None:
        return
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.dora import read_figures  # noqa: PLC0415

    if by is not None and by not in PERIODS:
        raise UsageError(f"--by must be week, month or quarter, not {by!r}.")
    if [repository, team, of].count(None) < 2:
        raise UsageError("Give one of --repo, --team and --of.")
    scope = _scope("team" if team is not None else of)
    settings = Settings.from_environment()
    name = repository if team is None else team
    with connect_migrated(settings) as connection:
        found = read_figures(connection, scope=scope, name=name, period=by or "all")
    found = _last_periods(found, last)
    if as_json:
        say_json(found)
    elif name is not None and nothing_is_deployed(found):
        say(f"Nothing of the {scope} {name!r} has been deployed yet.")
    elif not found:
        say(NOTHING[scope])
    else:
        say_figures(found)


@app.command()
def explain(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Of the repository, as it was collected; or see --of.")],
    metric: Annotated[str, typer.Argument(metavar="METRIC", help="As atlas dora names it.")],
    period: Annotated[str, typer.Argument(metavar="PERIOD", help="2024-W10, 2024-03, 2024-Q1 or all.")] = "all",
    of: Of = None,
    as_json: AsJson = False,  # noqa: FBT002
) -> None:
    """List what is behind a figure, deployments, commits or failures, by hash, so that git can be asked."""
    from atlas.database import connect_migrated  # noqa: PLC0415
    from atlas.dora import explain as explain_figure  # noqa: PLC0415

    scope = _scope(of)
    settings = Settings.from_environment()
    with connect_migrated(settings) as connection:
        explanation = explain_figure(connection, name, metric.replace(" ", "_"), period, scope=scope)
    if as_json:
        say_json(asdict(explanation))
        return
    say_figures([explanation.figure])
    say_explanation(explanation)


def _scope(of: str | None) -> str:
    if of is not None and of not in SCOPES:
        raise UsageError(f"--of must be repository, team or organisation, not {of!r}.")
    return of or "repository"


def nothing_is_deployed(found: Sequence[dict[str, Any]]) -> bool:
    """Whether there never was a deployment, be it one that failed, and nothing else is known either."""
    frequencies = [row for row in found if row["metric"] == "deployment_frequency"]
    return not any(row["n"] for row in found) and all(row["reason"] == "no_deployments" for row in frequencies)


def say_figures(found: Sequence[dict[str, Any]]) -> None:
    """Print figures, a line each; all of them are of repositories, of teams, or of organisations."""
    say_table(
        "navigate.mart_dora (days are UTC; medians of times)",
        [found[0]["scope"], "period", "metric", "value", "n", "coverage", "band 2021", "band 2023", "why not"],
        [
            [
                row["scope_name"],
                row["period_name"],
                row["metric"].replace("_", " "),
                _figure(row["value"], row["unit"]),
                row["n"],
                None if row["coverage"] is None else f"{row['coverage']:.0%}",
                row["band_2021"],
                row["band_2023"],
                REASONS.get(row["reason"], row["reason"]),
            ]
            for row in found
        ],
    )


def say_explanation(explanation: Explanation) -> None:
    """Print what a figure was made of, how, why it is unknown if it is, and what to ask git."""
    if explanation.rows:
        _say_rows("Made of (times are UTC)", explanation.rows)
        say(f"The figure: {explanation.rule}")
    else:
        say("Nothing lies behind it.")
    if explanation.first_success_on is not None:
        say(f"Successes there were from {explanation.first_success_on} to {explanation.last_success_on}.")
    if explanation.why_not is not None:
        what = "It is unknown" if explanation.figure["value"] is None else "It has no band"
        say(f"{what}: {explanation.why_not}")
    if explanation.unlinked:
        _say_rows("Incidents that name no deployment (times are UTC)", explanation.unlinked)
    for repository, checks in groupby(explanation.checks, key=lambda check: check.repository):
        say(f"Ask git, in {repository}:")
        for check in checks:
            say(f"  {check.command}")
            say(f"    → {check.answer}")


def _say_rows(title: str, rows: Sequence[dict[str, Any]]) -> None:
    names = [name.replace("_", " ") for name in rows[0]]
    say_table(title, names, [[_plain(value) for value in row.values()] for row in rows])


def _last_periods(found: Sequence[dict[str, Any]], last: int) -> list[dict[str, Any]]:
    kept: dict[str, list[str]] = {}
    for row in found:
        names = kept.setdefault(row["scope_name"], [])
        if row["period_name"] not in names:
            names.append(row["period_name"])
    return [row for row in found if row["period_name"] in kept[row["scope_name"]][-last:]]


def _figure(value: float | None, unit: str) -> str | None:
    if value is None:
        return None
    if unit == "share":
        return f"{value:.1%}"
    if unit == "seconds":
        return _duration(value)
    # A team's part of deployments needn't be a whole number.
    return f"{value:,.1f}".removesuffix(".0") if unit == "deployments" else f"{value:g}"


def _duration(seconds: float) -> str:
    name, length, _ = next(unit for unit in UNITS if unit[2] is None or seconds < unit[1] * unit[2])
    return f"{seconds / length:.1f} {name}"


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M:%S}"
    if isinstance(value, float):
        return f"{value:.2f}" if 0 < value < 1 else f"{value:.0f}"
    return value
