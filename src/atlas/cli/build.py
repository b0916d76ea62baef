"""``atlas build``."""

from __future__ import annotations

import typer

from atlas.cli.output import say
from atlas.settings import Settings


def build(context: typer.Context) -> None:
    """Run dbt build, with its run on record. Whatever follows is dbt's: atlas build --select +dim_customer.

    Unit tests are left out: dbt test --select test_type:unit runs them.

    Exits with 1 if a model or a test failed.
    """
    from atlas.build import build as run  # noqa: PLC0415

    result = run(Settings.from_environment(), context.args)
    counts = ", ".join(f"{count} {status}" for status, count in sorted(result.counts.items()))
    say(f"Run {result.run_id}: {counts or 'nothing was selected'}.")
    if result.failures:
        raise typer.Exit(1)
