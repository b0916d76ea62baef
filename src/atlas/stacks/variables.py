"""From a stack's outputs to the variables that Atlas, dbt and libpq read; secrets go into files, not into variables."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from atlas.settings import STACK_VARIABLES
from atlas.stacks.place import write_private

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from atlas.stacks.place import Place

# What only containers and operators want of a stack's outputs; everything else becomes a variable or a file.
NOT_FOR_CLIENTS = frozenset(
    {
        "postgres_internal_host",
        "postgres_internal_port",
        "redis_internal_host",
        "redis_internal_port",
        "object_store_internal_endpoint",
        # Whoever erases a person's data asks for it by name: everyday commands must not be able to.
        "object_store_erasure_access_key",
        "object_store_erasure_secret_key",
        "marquez_internal_endpoint",
        "marquez_web",
    }
)


def private_files(outputs: Mapping[str, Any]) -> dict[str, str]:
    """The files beside the exports, by name."""
    host, user, password = (_in_pgpass(outputs[f"postgres_{part}"]) for part in ("host", "user", "password"))
    files = {
        "pgpass": f"{host}:{outputs['postgres_port']}:*:{user}:{password}\n",
        "redis-password": outputs["redis_password"],
        "object-store-secret-key": outputs["object_store_secret_key"],
        "postgres-ca.crt": outputs["postgres_ca"],
        "redis-ca.crt": outputs["redis_ca"],
        "object-store-ca.crt": outputs["object_store_ca"],
        "marquez-api-key": outputs["marquez_api_key"],
    }
    return {name: text for name, text in files.items() if text}


def variables(outputs: Mapping[str, Any], directory: Path) -> dict[str, str]:
    """The variables that a stack sets, none of them secret.

    Args:
        outputs: all of the stack's outputs, by the names of ``atlas_infra.outputs``.
        directory: where ``private_files`` lie.
    """
    user, host = quote(outputs["postgres_user"], safe=""), _in_url(outputs["postgres_host"])
    redis_user, redis_host = quote(outputs["redis_user"], safe=""), _in_url(outputs["redis_host"])
    found = {
        "ATLAS_DATABASE_URL": f"postgresql://{user}@{host}:{outputs['postgres_port']}"
        f"/{quote(outputs['postgres_database'], safe='')}?sslmode={outputs['postgres_sslmode']}",
        "PGPASSFILE": str(directory / "pgpass"),
        "PGSSLROOTCERT": _root_certificate(outputs, directory),
        "ATLAS_REDIS_URL": f"{outputs['redis_scheme']}://{redis_user}@{redis_host}:{outputs['redis_port']}/0",
        "ATLAS_REDIS_PASSWORD_FILE": str(directory / "redis-password"),
        "ATLAS_REDIS_CA": str(directory / "redis-ca.crt") if outputs["redis_ca"] else "",
        "ATLAS_OBJECT_STORE_URL": outputs["object_store_endpoint"],
        "ATLAS_OBJECT_STORE_REGION": outputs["object_store_region"],
        "ATLAS_OBJECT_STORE_ACCESS_KEY": outputs["object_store_access_key"],
        "ATLAS_OBJECT_STORE_SECRET_KEY_FILE": str(directory / "object-store-secret-key"),
        "ATLAS_OBJECT_STORE_CA": str(directory / "object-store-ca.crt") if outputs["object_store_ca"] else "",
        "ATLAS_BUCKET_LANDING": outputs["object_store_bucket_landing"],
        "ATLAS_BUCKET_ARCHIVE": outputs["object_store_bucket_archive"],
        "ATLAS_BUCKET_BACKUPS": outputs["object_store_bucket_backups"],
        "ATLAS_BUCKET_DOCS": outputs["object_store_bucket_docs"],
        "OPENLINEAGE_URL": outputs["marquez_endpoint"],
        "ATLAS_OPENLINEAGE_API_KEY_FILE": str(directory / "marquez-api-key") if outputs["marquez_api_key"] else "",
    }
    return {name: str(value) for name, value in found.items()}


def write_environment(outputs: Mapping[str, Any], place: Place) -> None:
    """Write the stack's private files and its shell exports; what the stack no longer has goes.

    Args:
        outputs: all of the stack's outputs, or none where it isn't up: then only Pulumi's own variables are set.
        place: of the stack.
    """
    files = private_files(outputs) if outputs else {}
    for name, text in files.items():
        write_private(place.directory / name, text)
    for name in ("postgres-ca.crt", "redis-ca.crt", "object-store-ca.crt", "marquez-api-key"):
        if name not in files:
            (place.directory / name).unlink(missing_ok=True)
    exports = (variables(outputs, place.directory) if outputs else {}) | {
        "DBT_PROFILES_DIR": str(place.program.parent / "profiles"),
        "ATLAS_PROJECT": str(place.program.parent),
        "PULUMI_STACK": place.stack,
        **place.pulumi_variables(),
    }
    # What another stack set there would otherwise be taken for this one's.
    lines = [f"unset {variable.name}" for variable in STACK_VARIABLES if variable.name not in exports]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in exports.items()]
    write_private(
        place.env_file, f"# Stack {place.stack}, for a shell; written by `atlas env`.\n" + "\n".join(lines) + "\n"
    )


def _root_certificate(outputs: Mapping[str, Any], directory: Path) -> str:
    # Unset, libpq would look for an authority in the user's home. The system's own are named so; libpq takes them with
    # verify-full alone. Encryption without a check needs none, so the file needn't be there.
    if outputs["postgres_ca"] or outputs["postgres_sslmode"] == "require":
        return str(directory / "postgres-ca.crt")
    return "system"


def _in_pgpass(value: str) -> str:
    return value.replace("\\", "\\\\").replace(":", "\\:")


def _in_url(host: str) -> str:
    # Brackets for IPv6; a socket's directory may have a colon in it as well.
    return f"[{host}]" if ":" in host and not host.startswith("/") else quote(host, safe="")
