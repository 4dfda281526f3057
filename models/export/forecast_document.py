"""A forecast as JSON; its names are a stable interface."""

import json
import math
from typing import Any

from models.analysis.forecast import Forecast
from models.analysis.forecast_sentences import coverage_sentences

SCHEMA = 1


def forecast_document(forecast: Forecast) -> dict[str, Any]:
    """Return a forecast as plain values.

    Returns:
        `schema`, `unit`, `trained_on_everything` (architecture to updates, or null), `forecast` (one entry per source, series and step: `series`, `time`, `step`, `architecture`,
        `title`, `mean`, `lower_90`, `upper_90` and so on where offered), `coverage` (per source and level: `level`,
        `held`, `points`), `quantile_coverage` (the same for the band between the outer of the predicted quantiles; only where
        networks predict quantiles, and then `forecast` has `quantile_10`, `quantile_50` and `quantile_90`), `errors` (by steps ahead: `rmse`, `mae`, `mase`, `skill`) and `sentences`.
    """
    return {
        "schema": SCHEMA,
        "unit": forecast.unit,
        "trained_on_everything": dict(forecast.everything) or None,
        "forecast": _records(forecast.frame().to_dict("records")),
        "coverage": [
            {"architecture": source.name, "level": level, "held": found.held, "points": found.points}
            for source in forecast.sources
            for level, found in source.coverage.items()
        ],
        **_quantiles(forecast),
        "errors": _records(forecast.error_frame().to_dict("records")),
        "sentences": list(coverage_sentences(forecast)),
    }


def _quantiles(forecast: Forecast) -> dict[str, Any]:
    rows = [
        {"architecture": source.name, "level": found.level, "held": found.held, "points": found.points}
        for source in forecast.sources
        if (found := source.quantile_coverage) is not None
    ]
    return {"quantile_coverage": rows} if rows else {}


def forecast_json(forecast: Forecast) -> bytes:
    """Return the document as the bytes of a file."""
    return json.dumps(forecast_document(forecast), indent=2, allow_nan=False).encode()


def _records(rows: list[Any]) -> list[dict[str, Any]]:
    return [{str(name): _plain(value) for name, value in row.items()} for row in rows]


def _plain(value: Any) -> Any:
    plain = value.item() if hasattr(value, "item") else value
    return None if isinstance(plain, float) and not math.isfinite(plain) else plain
