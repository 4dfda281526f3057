"""What a script or notebook may import; everything else in this project may change without notice.

Example:
    >>> from models.api import compare
    >>> found = compare("adding", options={"length": 10}, hidden_size=4, seeds=2, updates=10, evaluations=2)
    >>> found.status
    'finished'
    >>> found.table["name"].tolist()[:2]
    ['lstm', 'gru']
    >>> len(found.verdict.headline.split()) <= 15
    True
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from data.catalog import catalogue
from data.fields import Value
from models.analysis.comparison import comparison_table, curve_frame
from models.analysis.verdict import Verdict, judge
from models.cells import architectures as registered_architectures
from models.errors import GatescopeError, InvalidSpecError
from models.export.dossier import Dossier
from models.export.experiment_document import to_json
from models.export.report import ReportChart, html_report, markdown_report
from models.records.results import ExperimentResult, ProgressRecord
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec

__all__ = ["Comparison", "GatescopeError", "Verdict", "compare", "list_architectures", "list_datasets"]

OnProgress = Callable[[str, int, int], None]
_WRITERS = {".html": "a page", ".md": "Markdown", ".json": "a file that the Experiments page opens"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """The result of `compare`.

    Attributes:
        result: Everything that was measured: curves, weights, scores and cost per seed.
    """

    result: ExperimentResult

    @property
    def status(self) -> str:
        """`finished`, `stopped` or `diverged`."""
        return self.result.status

    @property
    def verdict(self) -> Verdict:
        """Which architecture is better and how sure that is: `headline`, `facts`, `details`, `leader`."""
        return judge(self.result)

    @property
    def table(self) -> pd.DataFrame:
        """One row per architecture and per baseline; see `models.analysis.comparison.comparison_table`."""
        return comparison_table(self.result)

    @property
    def curves(self) -> pd.DataFrame:
        """Training curves in long format; see `models.analysis.comparison.curve_frame`."""
        return curve_frame(self.result.runs)

    @property
    def query(self) -> str:
        """All settings as the query of a link: append it to `http://localhost:8501/?`."""
        return self.result.spec.to_query()

    def save_report(self, path: str | Path, *, charts: Sequence[ReportChart] = (), plotly_js: str = "") -> Path:
        """Write a report and return its path.

        Args:
            path: Ends in `.html`, `.md` or `.json`. The Experiments page can open the JSON.
            charts: Charts of an HTML report; there are none by default, because this package draws none.
            plotly_js: Source of plotly.js, which an HTML report with charts needs.

        Raises:
            InvalidSpecError: If the path ends in something else.
            GatescopeError: If the file cannot be written.
        """
        target, dossier = Path(path), Dossier(result=self.result)
        if target.suffix not in _WRITERS:
            known = ", ".join(f"`{ending}` ({what})" for ending, what in _WRITERS.items())
            raise InvalidSpecError([f"`path` must end in {known}, not `{target.suffix[:40]}`."])
        if target.suffix == ".html":
            written = html_report(dossier, charts, plotly_js)
        else:
            written = markdown_report(dossier).encode() if target.suffix == ".md" else to_json(dossier)
        try:
            target.write_bytes(written)
        except OSError as error:
            raise GatescopeError(f"Cannot write `{target}`: {error.strerror}; choose another path.") from error
        return target


def compare(
    dataset: str | Path,
    architectures: Sequence[str] = ("lstm", "gru"),
    *,
    options: Mapping[str, object] | None = None,
    on_progress: OnProgress | None = None,
    **settings: Value,
) -> Comparison:
    """Train architectures on a dataset in this process and compare them.

    A keyboard interrupt stops the training and keeps what was learned. In a script, call it under
    `if __name__ == "__main__":`.

    Args:
        dataset: A name from `list_datasets`, or the path of a CSV file with a time series of yours.
        architectures: Names from `list_architectures`.
        options: Options of the dataset, such as `{"length": 50}`. For a file `target` names the column to forecast.
        on_progress: Called with architecture, update and number of updates.
        settings: Fields of `ExperimentSpec`, such as `hidden_size`, `seeds`, `updates`, `learning_rate`.

    Raises:
        GatescopeError: With one sentence per problem: an unknown name, a value out of bounds, a file that cannot be used.
    """
    from models.engine.run_here import run_experiment  # loads what trains only when something is trained

    name, complete, content = _source(dataset, options or {})
    raw: dict[str, Any] = {"dataset": name, "options": complete, "architectures": list(architectures), **settings}
    spec = ExperimentSpec.from_dict(raw)

    def report(run: RunSpec, record: ProgressRecord) -> None:
        if on_progress is not None:
            on_progress(run.architecture, record.update, record.updates)

    return Comparison(result=run_experiment(spec, content=content, on_progress=report))


def _source(dataset: str | Path, options: Mapping[str, object]) -> tuple[str, dict[str, object], bytes | None]:
    """Return name, options and content of a dataset or of a file: a name never ends like a file's."""
    if isinstance(dataset, Path) or "." in dataset or "/" in dataset:
        from data.uploads.command_line import spec_from_csv

        name, complete, content = spec_from_csv(str(dataset), options)
        return name, {**complete}, content
    return dataset, dict(options), None


def list_datasets() -> pd.DataFrame:
    """Return one row per dataset: `name`, `title`, `family`, `kind`, `description`.

    Example:
        >>> list_datasets().set_index("name").loc["sunspots", "kind"]
        'regression'
    """
    rows = [(entry.name, entry.title, entry.family, entry.kind, entry.description) for entry in catalogue().values()]
    return pd.DataFrame(rows, columns=["name", "title", "family", "kind", "description"])


def list_architectures() -> pd.DataFrame:
    """Return one row per architecture: `name`, `title`, `year`, `summary`, `paper`.

    Example:
        >>> list_architectures()["name"].tolist()[:3]
        ['lstm', 'gru', 'rnn']
    """
    rows = [
        (cell.name, cell.title, cell.year, cell.summary, cell.paper) for cell in registered_architectures().values()
    ]
    return pd.DataFrame(rows, columns=["name", "title", "year", "summary", "paper"])
