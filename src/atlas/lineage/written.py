"""The edges as they are committed, for builds that know nothing but dbt."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from atlas.errors import UsageError
from atlas.lineage.edges import edges_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from atlas.lineage.project import Project
    from atlas.lineage.rows import Value

PLACE = "macros/governance/column_lineage.sql"
HEAD = """\
{#- Made by `atlas lineage --write`. Each model's columns, the columns that these come from, and a fingerprint of the
    code that this was read from: a build takes what has another one for secret. After a conflict take either side, and
    write it again. -#}
{% macro column_lineage() %}
    {{ return(
"""
TAIL = """\
    ) }}
{% endmacro %}
"""


def written_form(project: Project, traced: Mapping[str, Mapping[str, Value]]) -> dict[str, Any]:
    """What is committed of a project's lineage."""
    return {
        id_: {"fingerprint": project.fingerprints[id_], "columns": edges_of(sorted(columns.items()))}
        for id_, columns in sorted(traced.items())
    }


def text_of(edges: Mapping[str, Any]) -> str:
    """The file's text."""
    # A line for each column, so that a change is a line in a diff.
    lines = []
    for id_, model in edges.items():
        columns = [f"            {json.dumps(name)}: {json.dumps(found)}," for name, found in model["columns"].items()]
        # JSON has no comma before a bracket that closes, and the file is read as JSON, too.
        columns[-1:] = [column.removesuffix(",") for column in columns[-1:]]
        lines += [
            f"    {json.dumps(id_)}: {{",
            f'        "fingerprint": {json.dumps(model["fingerprint"])},',
            '        "columns": {',
            *columns,
            "        }",
            "    },",
        ]
    lines[-1:] = [line.removesuffix(",") for line in lines[-1:]]
    return HEAD + "\n".join(["{", *lines, "}", TAIL])


def write(root: Path, edges: Mapping[str, Any]) -> bool:
    """Write the file; returns whether it differed."""
    path = root / PLACE
    text = text_of(edges)
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return True


def read(root: Path) -> dict[str, Any]:
    """The edges in the file; none if there is no file.

    Raises:
        UsageError: it isn't as ``write`` leaves it.
    """
    path = root / PLACE
    if not path.is_file():
        return {}
    text = path.read_text(encoding="utf-8")
    try:
        found = json.loads(text.removeprefix(HEAD).removesuffix(TAIL))
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise UsageError(f"{PLACE} isn't as it was written. Write it again: atlas lineage --write")
    return found


def staleness(project: Project, edges: Mapping[str, Any]) -> Iterator[str]:
    """A sentence for each model whose committed edges aren't those that its code has now."""
    held = read(project.root)
    for id_ in sorted({*held, *edges}):
        name = project.name(id_)
        if id_ not in edges:
            yield f"{PLACE}: {name} is written there and not in the project."
        elif id_ not in held:
            yield f"{PLACE}: {name} ({project.nodes[id_].original_file_path}) isn't written there."
        elif held[id_] != edges[id_]:
            columns, before = edges[id_]["columns"], held[id_].get("columns", {})
            changed = [column for column in sorted({*columns, *before}) if columns.get(column) != before.get(column)]
            what = f"columns {', '.join(changed)}" if changed else "code, a macro that it calls, or a source"
            yield f"{PLACE}: {name} ({project.nodes[id_].original_file_path}) has changed since: {what}."
