"""The closest that dlt comes to `atlas land`: append JSON lines to a table whose schema they may not change.

    BENCH_DATABASE_URL=… python dlt_pipeline.py FILE PIPELINES_DIR

Runs in an environment of its own, see bench/dlt.lock. CSV is the fastest format in which dlt loads into PostgreSQL (by
COPY; its default is INSERT with many rows); all else is as dlt sets it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import dlt  # type: ignore[import-not-found]
from dlt.sources.filesystem import filesystem, read_jsonl  # type: ignore[import-not-found]

COLUMNS: dict[str, dict[str, Any]] = {
    "id": {"data_type": "text", "nullable": False},
    "name": {"data_type": "text"},
    "email": {"data_type": "text"},
    "country": {"data_type": "text"},
    "segment": {"data_type": "text"},
    "credit": {"data_type": "decimal"},
    "active": {"data_type": "bool"},
    "updated_at": {"data_type": "timestamp", "nullable": False},
    "op": {"data_type": "text", "nullable": False},
}


def main() -> None:
    """Load the file into bench.customers."""
    file, pipelines_dir = Path(sys.argv[1]), sys.argv[2]
    records = filesystem(bucket_url=file.parent.as_uri(), file_glob=file.name) | read_jsonl()
    records.apply_hints(
        table_name="customers",
        write_disposition="append",
        columns=COLUMNS,
        schema_contract={"tables": "evolve", "columns": "freeze", "data_type": "freeze"},
    )
    pipeline = dlt.pipeline(
        pipeline_name="bench",
        pipelines_dir=pipelines_dir,
        destination=dlt.destinations.postgres(credentials=os.environ["BENCH_DATABASE_URL"]),
        dataset_name="bench",
    )
    pipeline.run(records, loader_file_format="csv").raise_on_failed_jobs()


if __name__ == "__main__":
    main()
