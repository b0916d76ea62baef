"""Analyse values with presidio-analyzer, in its own environment, and time it; needs nothing of Atlas.

    python presidio_run.py VALUES

VALUES holds a JSON list of texts. Prints JSON: seconds, whether its spaCy model was there, and how many values of each
kind were found. Its default engine wants spaCy's model en_core_web_lg, which presidio fetches if it isn't installed.
Nothing is fetched here: without the model, spaCy's empty English pipeline takes its place, which finds no names but is
faster.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

import spacy  # type: ignore[import-not-found]
from presidio_analyzer import AnalyzerEngine  # type: ignore[import-not-found]
from presidio_analyzer.nlp_engine import SpacyNlpEngine  # type: ignore[import-not-found]

MODEL = "en_core_web_lg"


def main() -> None:
    """Analyse the file's values once, after one value to warm up."""
    values = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    has_model = spacy.util.is_package(MODEL)
    engine = AnalyzerEngine() if has_model else AnalyzerEngine(nlp_engine=_empty_engine())
    engine.analyze(text="somebody@example.org", language="en")
    found: Counter[str] = Counter()
    started = time.perf_counter()
    for value in values:
        found.update({result.entity_type for result in engine.analyze(text=value, language="en")})
    taken = time.perf_counter() - started
    print(json.dumps({"seconds": taken, "has_model": has_model, "found": found}))


def _empty_engine() -> SpacyNlpEngine:
    engine = SpacyNlpEngine(models=[{"lang_code": "en", "model_name": MODEL}])
    engine.nlp = {"en": spacy.blank("en")}
    return engine


if __name__ == "__main__":
    main()
