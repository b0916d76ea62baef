"""``atlas audit``: for people, for scripts, and for those who mistype."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from landing_support import atlas

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg
    from psycopg.rows import TupleRow


def test_log_seal_and_verify(
    environment: dict[str, str], connection: psycopg.Connection[TupleRow], tmp_path: Path
) -> None:
    connection.execute("set application_name = 'somebody'' tool'")
    connection.execute("insert into pipeline.checkpoints values ('git', 'somewhere', '{}')")
    connection.execute("update pipeline.checkpoints set updated_at = '2026-01-01Z'")

    shown = atlas(environment, "audit", "log", "--table", "pipeline.checkpoints").stdout.decode().splitlines()
    assert len(shown) == 4
    assert "update" in shown[2]
    assert "collector=git scope=somewhere" in shown[2]
    assert "→ 2026-01-01T00:00:00" in shown[2]
    assert "somebody' tool" in shown[3]
    logged = json.loads(atlas(environment, "audit", "log", "--table", "checkpoints", "--json").stdout)
    assert [(entry["operation"], entry["seal"]) for entry in logged] == [("update", None), ("insert", None)]
    assert b"Nothing of that kind" in atlas(environment, "audit", "log", "--who", "nobody_at_all").stdout
    assert b"Nothing of that kind" in atlas(environment, "audit", "log", "--since", "2999-01-01").stdout
    assert len(json.loads(atlas(environment, "audit", "log", "--limit", "1", "--json").stdout)) == 1

    unsealed = atlas(environment, "audit", "verify")
    assert unsealed.returncode == 0
    assert b"entries aren't sealed yet, and so not proved" in unsealed.stdout

    assert b"No seal of this database is kept in" in unsealed.stdout

    kept = tmp_path / "seals"
    last = json.loads(atlas(environment, "audit", "seal", "--to", str(kept), "--json").stdout)
    assert json.loads(kept.read_text())["sha256"] == last["sha256"]
    verified = json.loads(atlas(environment, "audit", "verify", "--against", str(kept), "--json").stdout)
    assert (verified["whole"], verified["unsealed"], verified["last_seal"]["sha256"]) == (True, 0, last["sha256"])
    beside = atlas(environment, "audit", "verify").stdout
    assert last["sha256"].encode() in beside
    assert b"Compared with 1 seals kept in" in beside

    connection.execute("alter table compliance.audit_log disable trigger kept_rows")
    connection.execute("update compliance.audit_log set login = 'nobody' where table_name = 'checkpoints'")
    tampered = atlas(environment, "audit", "verify", "--against", str(kept))
    entry = logged[-1]["entry_id"]
    assert tampered.returncode == 1
    assert f"isn't as it was written. Entry {entry} (seal 1) was changed".encode() in tampered.stderr
    assert not json.loads(atlas(environment, "audit", "verify", "--json").stdout)["whole"]

    for arguments, exit_code, complaint in (
        (("verify", "--against", str(tmp_path / "nothing")), 2, b"nothing can't be read: No such file"),
        (("seal", "--to", str(tmp_path)), 3, b"The seal can't be written to"),
        (("log", "--since", "yesterday"), 2, b"yesterday"),
    ):
        refused = atlas(environment, "audit", *arguments)
        assert (refused.returncode, complaint in refused.stderr) == (exit_code, True), refused.stderr

    # What a build or `audit seal` has left in Atlas's home is asked without being named.
    for table in ("audit_log", "audit_seals"):
        connection.execute(
            f"alter table compliance.{table} disable trigger all; delete from compliance.{table}".encode()
        )
    emptied = atlas(environment, "audit", "verify")
    assert emptied.returncode == 1
    assert b"Seal 1, which was kept elsewhere, isn't there: the log's end was cut off." in emptied.stderr
