"""Settings, read from the environment once per command. Nothing here imports anything heavy."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from atlas.errors import UsageError

DATABASE_NAME = "atlas"
DATABASE_ROLE = "atlas"

# Of the embedded server. It only names the socket's file; nothing listens on TCP.
PORT = 5432
SOCKET_NAME = f".s.PGSQL.{PORT}"
# sockaddr_un.sun_path holds 104 bytes on macOS and 108 on Linux, the closing NUL included.
SOCKET_PATH_LIMIT = 103


class Variable(NamedTuple):
    """A variable of the environment that Atlas, dbt's profile or libpq reads.

    Attributes:
        name: of the variable.
        meaning: one sentence, for `.env.example`.
        default: what holds without it, in words.
    """

    name: str
    meaning: str
    default: str


# `.env.example` is made from these two; a variable that is in neither can't be read.
OWN_VARIABLES = (
    Variable("ATLAS_HOME", "Atlas's data directory; the embedded PostgreSQL lives in it.", "$XDG_DATA_HOME/atlas"),
    Variable("XDG_DATA_HOME", "The user's data directory, by the XDG convention.", "~/.local/share"),
    Variable("ATLAS_POSTGRES_BIN", "Programs of the embedded PostgreSQL, instead of the wheel's.", "the wheel's"),
    Variable("ATLAS_DBT_THREADS", "Models that dbt builds at once.", "4"),
    Variable("ATLAS_GITHUB_URL", "Where GitHub's API begins, https://host/api/v3 for one.", "that of github.com"),
    Variable("ATLAS_GITHUB_TOKEN", "The token for `atlas collect github`.", "none, for public repositories"),
    Variable("ATLAS_GITHUB_TOKEN_FILE", "A file with it, instead.", "none"),
    Variable("ATLAS_GITLAB_URL", "Where GitLab's API begins, https://host/api/v4.", "that of gitlab.com"),
    Variable("ATLAS_GITLAB_TOKEN", "The token for `atlas collect gitlab`.", "none, for public projects"),
    Variable("ATLAS_GITLAB_TOKEN_FILE", "A file with it, instead.", "none"),
    Variable("ATLAS_JIRA_URL", "Jira's address, https://site.atlassian.net for one.", "none"),
    Variable("ATLAS_JIRA_USER", "The e-mail address that a token of Jira Cloud belongs to.", "none, for Data Center"),
    Variable("ATLAS_JIRA_TOKEN", "The token for `atlas collect jira`.", "none, for public projects"),
    Variable("ATLAS_JIRA_TOKEN_FILE", "A file with it, instead.", "none"),
    Variable(
        "ATLAS_PSEUDONYM_KEY",
        "The key of pseudonyms and of hashes in the audit log: 32 characters or more out of letters, digits and +/=_-.",
        "none, so nothing is pseudonymised",
    ),
)
# `atlas env --stack` sets these, on every stack.
STACK_VARIABLES = (
    Variable("ATLAS_PROJECT", "The directory with dbt_project.yml.", "the nearest one upwards"),
    Variable("ATLAS_DATABASE_URL", "A PostgreSQL to use instead of the embedded one.", "the embedded one"),
    Variable("PGPASSFILE", "libpq: the file with the password.", "~/.pgpass"),
    Variable("PGSSLROOTCERT", "libpq: the authority that signed the certificate.", "~/.postgresql/root.crt"),
    Variable("ATLAS_REDIS_URL", "Redis, as redis(s)://user@host:port/0.", "no Redis"),
    Variable("ATLAS_REDIS_PASSWORD_FILE", "The file with its password.", "no password"),
    Variable("ATLAS_REDIS_CA", "The authority that signed its certificate.", "the system's authorities"),
    Variable("ATLAS_OBJECT_STORE_URL", "The S3 service's address.", "no object store"),
    Variable("ATLAS_OBJECT_STORE_REGION", "Its region.", "us-east-1"),
    Variable("ATLAS_OBJECT_STORE_ACCESS_KEY", "The access key.", "none"),
    Variable("ATLAS_OBJECT_STORE_SECRET_KEY_FILE", "The file with the secret key.", "none"),
    Variable("ATLAS_OBJECT_STORE_CA", "The authority that signed its certificate.", "the system's authorities"),
    Variable("ATLAS_BUCKET_LANDING", "Bucket of files to land.", "landing"),
    Variable("ATLAS_BUCKET_ARCHIVE", "Bucket of archived rows, under object lock.", "archive"),
    Variable("ATLAS_BUCKET_BACKUPS", "Bucket of backups.", "backups"),
    Variable("ATLAS_BUCKET_DOCS", "Bucket of published documentation.", "docs"),
    Variable("OPENLINEAGE_URL", "Where OpenLineage events go, Marquez for one.", "nowhere"),
    Variable("ATLAS_OPENLINEAGE_API_KEY_FILE", "The file with its API key.", "no key"),
)
KNOWN = frozenset(variable.name for variable in OWN_VARIABLES + STACK_VARIABLES)


@dataclass(frozen=True)
class RedisSettings:
    """How Redis is reached.

    Attributes:
        url: ``redis(s)://user@host:port/0``.
        password_file: holds the password; None where there is none.
        ca: PEM file of its certificate's authority; None for the system's.
    """

    url: str
    password_file: Path | None
    ca: Path | None


@dataclass(frozen=True)
class ObjectStoreSettings:
    """How the S3 service is reached.

    Attributes:
        url: its endpoint.
        region: its region.
        access_key: the credential's name.
        secret_key_file: holds its secret.
        ca: PEM file of its certificate's authority; None for the system's.
        buckets: names by purpose: landing, archive, backups, docs.
    """

    url: str
    region: str
    access_key: str
    secret_key_file: Path | None
    ca: Path | None
    buckets: dict[str, str]


@dataclass(frozen=True)
class LineageSettings:
    """How Marquez, or another consumer of OpenLineage events, is reached.

    Attributes:
        url: its address.
        api_key_file: holds the key that it asks for; None where it asks for none.
    """

    url: str
    api_key_file: Path | None = None


@dataclass(frozen=True)
class CollectedSettings:
    """How a service is reached that a collector reads.

    Attributes:
        url: where its API begins; None for the service's own.
        user: whom the token belongs to, where the service asks for it.
        token: as the variable gives it.
        token_file: holds the token instead.
    """

    url: str | None = None
    user: str | None = None
    token: str | None = field(default=None, repr=False)
    token_file: Path | None = None


@dataclass(frozen=True)
class Settings:
    """Where things are.

    Attributes:
        home: the user's data directory for Atlas (``ATLAS_HOME``, else ``$XDG_DATA_HOME/atlas``, else
            ``~/.local/share/atlas``); the embedded server lives in it.
        database_url: a libpq URI of a server to use instead of the embedded one (``ATLAS_DATABASE_URL``). Kept
            out of ``repr``, since it may hold a password.
        postgres_bin: directory with ``initdb`` and ``pg_ctl`` to use for the embedded server instead of the
            wheel's (``ATLAS_POSTGRES_BIN``).
        project: the directory with ``dbt_project.yml`` (``ATLAS_PROJECT``, else the nearest one upwards from
            the working directory).
        redis, object_store, lineage: services beside the database; None where there is none.
        github, gitlab, jira: what collectors read.
        pseudonym_key: the key of keyed hashes (``ATLAS_PSEUDONYM_KEY``), which the database never keeps; kept out of
            ``repr``.
    """

    home: Path
    database_url: str | None = field(repr=False)
    postgres_bin: Path | None
    project_hint: Path | None
    redis: RedisSettings | None = None
    object_store: ObjectStoreSettings | None = None
    lineage: LineageSettings | None = None
    github: CollectedSettings = CollectedSettings()
    gitlab: CollectedSettings = CollectedSettings()
    jira: CollectedSettings = CollectedSettings()
    pseudonym_key: str | None = field(default=None, repr=False)

    @classmethod
    def from_environment(cls) -> Settings:
        """Read the settings; an empty variable counts as unset."""
        data_home = _path_of("XDG_DATA_HOME") or Path.home() / ".local" / "share"
        return cls(
            home=_path_of("ATLAS_HOME") or data_home / "atlas",
            database_url=_text_of("ATLAS_DATABASE_URL"),
            postgres_bin=_path_of("ATLAS_POSTGRES_BIN"),
            project_hint=_path_of("ATLAS_PROJECT"),
            redis=_redis(),
            object_store=_object_store(),
            lineage=_lineage(),
            github=_collected("github"),
            gitlab=_collected("gitlab"),
            jira=_collected("jira"),
            pseudonym_key=_text_of("ATLAS_PSEUDONYM_KEY"),
        )

    @property
    def socket_directory(self) -> Path:
        """Directory of the embedded server's socket, as a client names it.

        It is ``<home>/run``; where that is too long for a socket's name, a directory in /tmp named by the hash of
        the long path. ``profiles/profiles.yml`` follows the same rule, so that plain dbt finds the server too.
        """
        wanted = self.home / "run"
        if len(os.fsencode(wanted / SOCKET_NAME)) <= SOCKET_PATH_LIMIT:
            return wanted
        digest = hashlib.md5(os.fsencode(wanted), usedforsecurity=False).hexdigest()
        return Path("/tmp") / f"atlas-{digest[:16]}"  # noqa: S108 - the owner and the mode are checked at start

    @property
    def project(self) -> Path:
        """The project's directory.

        Raises:
            UsageError: there is no ``dbt_project.yml`` here or above.
        """
        if self.project_hint is not None:
            if (self.project_hint / "dbt_project.yml").is_file():
                return self.project_hint
            raise UsageError(f"ATLAS_PROJECT is {self.project_hint}, but there is no dbt_project.yml in it.")
        here = Path.cwd()
        for directory in (here, *here.parents):
            if (directory / "dbt_project.yml").is_file():
                return directory
        raise UsageError(
            f"There is no dbt_project.yml in {here} or above it. Change to the project's directory, "
            "or set ATLAS_PROJECT to it."
        )


def _text_of(name: str) -> str | None:
    if name not in KNOWN:
        raise KeyError(f"{name} isn't among the declared variables")
    return os.environ.get(name) or None


def _path_of(name: str) -> Path | None:
    value = _text_of(name)
    return Path(value).expanduser().absolute() if value else None


def _redis() -> RedisSettings | None:
    url = _text_of("ATLAS_REDIS_URL")
    if url is None:
        return None
    return RedisSettings(url, _path_of("ATLAS_REDIS_PASSWORD_FILE"), _path_of("ATLAS_REDIS_CA"))


def _lineage() -> LineageSettings | None:
    url = _text_of("OPENLINEAGE_URL")
    return None if url is None else LineageSettings(url, _path_of("ATLAS_OPENLINEAGE_API_KEY_FILE"))


def _collected(service: str) -> CollectedSettings:
    return CollectedSettings(
        url=_text_of(f"ATLAS_{service.upper()}_URL"),
        user=_text_of("ATLAS_JIRA_USER") if service == "jira" else None,
        token=_text_of(f"ATLAS_{service.upper()}_TOKEN"),
        token_file=_path_of(f"ATLAS_{service.upper()}_TOKEN_FILE"),
    )


def _object_store() -> ObjectStoreSettings | None:
    url = _text_of("ATLAS_OBJECT_STORE_URL")
    if url is None:
        return None
    return ObjectStoreSettings(
        url=url,
        region=_text_of("ATLAS_OBJECT_STORE_REGION") or "us-east-1",
        access_key=_text_of("ATLAS_OBJECT_STORE_ACCESS_KEY") or "",
        secret_key_file=_path_of("ATLAS_OBJECT_STORE_SECRET_KEY_FILE"),
        ca=_path_of("ATLAS_OBJECT_STORE_CA"),
        buckets={
            purpose: _text_of(f"ATLAS_BUCKET_{purpose.upper()}") or purpose
            for purpose in ("landing", "archive", "backups", "docs")
        },
    )
