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
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from data.catalog import catalogue
from data.fields import Value
from models.analysis.comparison import comparison_table, curve_frame
from models.analysis.forecast import forecast_result
from models.analysis.inspect_network import NetworkView
from models.analysis.verdict import Verdict, judge
from models.cells import architectures as registered_architectures
from models.errors import DataError, GatescopeError, InvalidSpecError
from models.export.archive import write_files
from models.export.dossier import Dossier
from models.export.experiment_document import to_json
from models.export.forecast_script import forecast_script
from models.export.mlflow import mlflow_files
from models.export.report import ReportChart, html_report, markdown_report
from models.export.tensorboard import tensorboard_files
from models.records.results import ExperimentResult, ProgressRecord
from models.spec.experiment_settings import ExperimentSpec
from models.spec.repeats import repeat_data
from models.spec.run import RunSpec

if TYPE_CHECKING:
    from dashboard.report import ReportFigure

__all__ = [
    "Comparison",
    "GatescopeError",
    "NetworkView",
    "Verdict",
    "compare",
    "inspect",
    "list_architectures",
    "list_datasets",
]

OnProgress = Callable[[str, int, int], None]
_WRITERS = {".html": "a web page", ".md": "Markdown", ".json": "a file that the Experiments page opens"}


class Figures(dict[str, Any]):
    """Plotly figures by name; a notebook shows all of them, each with its title and text alternative."""

    def __init__(self, drawn: "Sequence[ReportFigure]") -> None:
        super().__init__({one.name: one.figure for one in drawn})
        self._drawn = tuple(drawn)

    def _repr_html_(self) -> str:
        """Return the figures as HTML that works without a network: the first one brings plotly.js."""
        parts: list[str] = []
        for one in self._drawn:
            drawn = one.figure.to_html(full_html=False, include_plotlyjs=not parts)
            parts.append(
                f'<figure aria-label="{escape(one.alt)}">{drawn}<figcaption>{escape(one.alt)}</figcaption></figure>'
            )
        return "\n".join(parts)

    def _repr_markdown_(self) -> str:
        """Return what the figures show, in words."""
        return "\n".join(f"- `{one.name}`: {one.alt}" for one in self._drawn)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Comparison:
    """The result of `compare`; a notebook shows its verdict and table.

    Attributes:
        result: Everything that was measured: curves, weights, scores and cost per seed.
        content: Bytes of the file or frame that was compared, None for datasets of the catalogue.
    """

    result: ExperimentResult
    content: bytes | None = field(default=None, repr=False)

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

    @property
    def figures(self) -> Figures:
        """Plotly figures: `loss`, `differences`, `predictions`, `gates_lstm`, and of a series `forecast` and `error_by_step`."""
        from dashboard.report import report_figures  # charts are the dashboard's; nothing else of it is loaded

        data = repeat_data(self.result.spec, self.content, 0)
        return Figures(report_figures(self.result, data, forecast_result(self.result, self.content)))

    def forecast(self, horizon: int | None = None, *, train_on_everything: bool = False) -> pd.DataFrame:
        """Forecast the rows after the last one, with intervals.

        Args:
            horizon: How many steps; by default as many as the networks were trained to predict, which is the most.
            train_on_everything: Train networks on all rows for as many updates as validation found, and let these speak. They
                have no test score of their own: intervals are those of the tested networks.

        Returns:
            A row per architecture (and for the best naive predictor), series and step: `series`, `time`, `step`,
            `architecture`, `title`, `mean`, and `lower_90`, `upper_90` and so on where there were enough errors on unseen data.

        Raises:
            DataError: If the dataset is no series, or the horizon is longer than what was trained.
        """
        found = forecast_result(self.result, self.content)
        if found is None:
            raise DataError("Nothing is forecast here: give a series in time order, such as a CSV file or a frame.")
        longest = int(found.steps.max())
        if horizon is not None and not 1 <= horizon <= longest:
            raise DataError(
                f"`horizon` must be 1 to {longest}, the steps that were trained, not {horizon}; "
                f"compare with `horizon={horizon}` for more."
            )
        if train_on_everything:
            from models.analysis.train_on_everything import trained_on_everything

            found = trained_on_everything(found, self.result, self.content)
        frame = found.frame()
        return frame[frame["step"] <= (horizon or longest)].reset_index(drop=True)

    def save_report(
        self, path: str | Path, *, charts: Sequence[ReportChart] | None = None, plotly_js: str = ""
    ) -> Path:
        """Write a report and return its path.

        Args:
            path: Ends in `.html`, `.md` or `.json`. The Experiments page can open the JSON.
            charts: Charts of an HTML report in place of those in `figures`; empty for none.
            plotly_js: Source of plotly.js, which charts of your own need.

        Raises:
            InvalidSpecError: If the path ends in something else.
            GatescopeError: If the file cannot be written.
        """
        target = Path(path)
        if target.suffix not in _WRITERS:
            known = ", ".join(f"`{ending}` ({what})" for ending, what in _WRITERS.items())
            raise InvalidSpecError([f"`path` must end in {known}, not `{target.suffix[:40]}`."])
        written = self._written(target.suffix, charts, plotly_js)
        try:
            target.write_bytes(written)
        except OSError as error:
            raise GatescopeError(f"Cannot write `{target}`: {error.strerror}; choose another path.") from error
        return target

    def save_forecast_script(self, path: str | Path) -> Path:
        """Write a ZIP of a script that forecasts from the newest rows of a CSV file with NumPy and onnxruntime; return its path.

        Raises:
            DataError: If the forecast needs more than the newest rows of one series.
            GatescopeError: If the file cannot be written.
        """
        target = Path(path)
        write_files({target.name: forecast_script(self._dossier(), self.content)}, target.parent)
        return target

    def save_tensorboard(self, folder: str | Path) -> Path:
        """Write event files, one per architecture and seed, for `tensorboard --logdir folder`; return the folder.

        Raises:
            GatescopeError: If they cannot be written.
        """
        return write_files(tensorboard_files(Dossier(result=self.result)), folder)

    def save_mlflow(self, folder: str | Path) -> Path:
        """Write a folder `mlruns` into a folder, for `mlflow ui` started there; return the folder.

        Raises:
            GatescopeError: If it cannot be written.
        """
        return write_files(mlflow_files(self._dossier()), folder)

    def _dossier(self) -> Dossier:
        return Dossier(result=self.result, forecast=forecast_result(self.result, self.content))

    def _written(self, ending: str, charts: Sequence[ReportChart] | None, plotly_js: str) -> bytes:
        if ending == ".json":
            return to_json(Dossier(result=self.result))
        dossier = self._dossier()
        if ending == ".md":
            return markdown_report(dossier).encode()
        if charts is not None:
            return html_report(dossier, charts, plotly_js)
        from dashboard.report import report_html

        return report_html(dossier, repeat_data(self.result.spec, self.content, 0))

    def _repr_html_(self) -> str:
        """Return verdict and table as HTML, for notebooks."""
        shown = [column for column in _SHOWN if column in self.table]
        return self.verdict._repr_html_() + self.table[shown].to_html(
            index=False, na_rep="–", float_format="{:.4g}".format
        )

    def _repr_markdown_(self) -> str:
        """Return the verdict as Markdown, for notebooks."""
        return self.verdict._repr_markdown_()


_SHOWN = ("title", "test_mean", "test_spread", "skill", "parameters", "learning_rate")


def compare(
    dataset: str | Path | pd.DataFrame,
    architectures: Sequence[str] = ("lstm", "gru"),
    *,
    target: str | Sequence[str] | None = None,
    time: str | None = None,
    horizon: int | None = None,
    options: Mapping[str, object] | None = None,
    on_progress: OnProgress | None = None,
    **settings: Value,
) -> Comparison:
    """Train architectures on a dataset in this process and compare them.

    A keyboard interrupt stops the training and keeps the results so far. In a script, call it under
    `if __name__ == "__main__":`.

    Args:
        dataset: A name from `list_datasets`, the path of a CSV file with a time series of yours, or a pandas frame with one.
        architectures: Names from `list_architectures`.
        target: Column to forecast, or several; the same as `options={"target": ...}`.
        time: Column of the time; the same as `options={"time": ...}`. The index of a frame may hold it.
        horizon: Steps ahead that are predicted; the same as `options={"horizon": ...}`.
        options: Options of the dataset, such as `{"length": 50}`.
        on_progress: Called with architecture, update and number of updates.
        settings: Fields of `ExperimentSpec`, such as `hidden_size`, `seeds`, `updates`, `learning_rate`.

    Raises:
        GatescopeError: With one sentence per problem: an unknown name, a value out of bounds, a file that cannot be used.
    """
    from models.engine.run_here import run_experiment  # imports the training code only when needed

    joined = target if target is None or isinstance(target, str) else ",".join(target)
    named = {"target": joined, "time": time, "horizon": horizon}
    given = {**(options or {}), **{name: value for name, value in named.items() if value is not None}}
    name, complete, content = _source(dataset, given)
    raw: dict[str, Any] = {"dataset": name, "options": complete, "architectures": list(architectures), **settings}
    raw.setdefault("resampling", "data")
    spec = ExperimentSpec.from_dict(raw)

    def report(run: RunSpec, record: ProgressRecord) -> None:
        if on_progress is not None:
            on_progress(run.architecture, record.update, record.updates)

    return Comparison(result=run_experiment(spec, content=content, on_progress=report), content=content)


def _source(
    dataset: str | Path | pd.DataFrame, options: Mapping[str, object]
) -> tuple[str, dict[str, object], bytes | None]:
    """Return name, options and content of a dataset, a file or a frame: a name never ends like a file's."""
    if isinstance(dataset, pd.DataFrame):
        from data.uploads.command_line import content_of_frame, own_content

        own = own_content(content_of_frame(dataset), options, "series")
        return own.dataset, {**own.options}, own.content
    if isinstance(dataset, Path) or "." in dataset or "/" in dataset:
        from data.uploads.command_line import spec_from_csv

        name, complete, content = spec_from_csv(str(dataset), options)
        return name, {**complete}, content
    return dataset, dict(options), None


def inspect(
    module_or_path: Any,
    data: Any,
    *,
    columns: Sequence[str] = (),
    targets: Sequence[str] = (),
    window: int = 0,
    horizon: int = 1,
    scaling: str = "fit",
    mean: Sequence[float] = (),
    deviation: Sequence[float] = (),
    sample: int = 0,
) -> NetworkView:
    """Look into a network that was trained elsewhere: gates, saturation, half-lives, gradient horizon, score.

    Args:
        module_or_path: A `torch.nn.Module`, or the path of a safetensors, PyTorch, ONNX or Keras 3 file.
        data: A pandas frame or the path of a CSV file, one row per step.
        columns: Input columns in the network's order; the first columns of numbers by default.
        targets: Columns that the network predicts, for a score.
        window: Rows of one input; 0 for up to 200.
        horizon: Rows from the end of a window to its target.
        scaling: `fit`, `none` or `given`.
        mean: Given means.
        deviation: Given standard deviations.
        sample: The sample whose gates `panels` holds.

    Raises:
        GatescopeError: One sentence, if file, module or data cannot be used.
    """
    from data.uploads.command_line import content_of_frame, read_file
    from models.analysis.inspect_network import inspect_network
    from models.checkpoints.live_module import recognise_module
    from models.checkpoints.open_file import open_checkpoint
    from models.checkpoints.own_data import DataChoice, task_of_file
    from models.checkpoints.own_network import assemble, propose

    if isinstance(module_or_path, (str, Path)):
        path = Path(module_or_path)
        found, name = open_checkpoint(read_file(str(path)), path.name), path.stem
    else:
        found, name = recognise_module(module_or_path), type(module_or_path).__name__
    choice = DataChoice(
        columns=tuple(columns),
        targets=tuple(targets),
        window=window,
        horizon=horizon,
        scaling=scaling,
        mean=tuple(mean),
        deviation=tuple(deviation),
    )
    network = assemble(found, propose(found), name=name)
    content = content_of_frame(data) if isinstance(data, pd.DataFrame) else read_file(str(data))
    return inspect_network(network, task_of_file(network, content, "data.csv", choice), sample=sample)


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
