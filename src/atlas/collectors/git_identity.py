"""What a repository is called, wherever its clone lies, and whether two of the same name are the same one."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote

DEFAULT_PORTS = frozenset({"22", "80", "443", "9418"})
# RFC 8089: file:///srv/x.git and file://localhost/srv/x.git are the same.
LOCAL_HOST = "localhost"

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_WITH_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>[^?#]*)")
_HELPER = re.compile(r"[A-Za-z0-9+.-]+::")
# The user ends at the last @ that a host and its colon can follow: a password may hold both signs.
_SCP_LIKE = re.compile(r"(?:[^/]*@)?(?P<host>\[[^\]/]*\]|[^:/@]+):(?P<path>.*)", re.DOTALL)
_PORT = re.compile(r"(?P<host>\[[^\]]*\]|[^:]*)(?::(?P<port>\d*))?")


def name_from_url(url: str, base: Path) -> str | None:
    """``host/path`` of a remote's URL; None if it has no such form.

    Credentials, query, scheme, a default port and ``.git`` are left out: clones over ssh and https get one name, and
    no token gets into the database.

    Args:
        url: as in ``remote.origin.url``: a URL, ``user@host:path``, or a local path.
        base: the directory that a relative local path starts from.
    """
    url = url.strip()
    if _HELPER.match(url):
        return None  # a remote helper's own language (ext::sh -c …), in which anything may be a secret
    if found := _WITH_SCHEME.fullmatch(re.split(r"[?#]", url, maxsplit=1)[0]):
        if found["scheme"].lower() == "file":
            return _local(found["authority"] or LOCAL_HOST, unquote(found["path"]))
        return _joined(found["authority"].rpartition("@")[2], unquote(found["path"]))
    if found := _SCP_LIKE.fullmatch(url):
        path = found["path"]
        # A user and password without a scheme would look like a host and a path.
        return None if "@" in path.partition("/")[0] else _joined(found["host"], path)
    return _local(LOCAL_HOST, os.path.normpath(base / url))


def _joined(authority: str, path: str) -> str | None:
    found = _PORT.fullmatch(authority)
    if found is None or not found["host"]:
        return None
    port = found["port"]
    host = found["host"].lower() + (f":{port}" if port and port not in DEFAULT_PORTS else "")
    return _local(host, path)


def _local(host: str, path: str) -> str | None:
    trimmed = path.replace("\\", "/").strip("/").removesuffix(".git").rstrip("/")
    return _CONTROL.sub("\ufffd", f"{host}/{trimmed}") if trimmed else None


def name_from_directory(common_directory: Path) -> str:
    """The name of a repository without a remote: that of its directory, without ``.git``."""
    named = common_directory.parent if common_directory.name == ".git" else common_directory
    return printable(named.name.removesuffix(".git")) or "repository"


def printable(text: str) -> str:
    """The text without control characters and without what isn't Unicode (a file's name may hold any bytes)."""
    return _CONTROL.sub("\ufffd", text).strip()
