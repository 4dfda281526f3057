"""The result of `models.api.compare`: verdict, tables, figures, forecast, and what can be saved."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from models.analysis.comparison import comparison_table, curve_frame
from models.analysis.forecast import Forecast, forecast_result
from models.analysis.verdict import Verdict, judge
from models.analysis.wording import target_name
from models.errors import DataError, GatescopeError, InvalidSpecError
from models.export.archive import write_files
from models.export.dossier import Dossier
from models.export.experiment_document import to_json
from models.export.forecast_script import forecast_script
from models.export.mlflow import mlflow_files
from models.export.report import ReportChart, html_report, markdown_report
from models.export.tensorboard import tensorboard_files
from models.records.results import ExperimentResult
from models.spec.repeats import repeat_data

if TYPE_CHECKING:
    from dashboard.report import ReportFigure

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
        """One row per architecture and per baseline; see `models.analysis.comparison.comparison_table`.

        `attrs["target"]` names what is predicted, where the data have a choice of it.
        """
        table = comparison_table(self.result)
        table.attrs["target"] = target_name(self.result.spec)
        return table

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
            horizon: How many steps; by default as many as the networks were trained to predict. For more, predictions are fed
                back as inputs: the column `fed_back` says where, and intervals are measured the same way.
            train_on_everything: Train networks on all rows for as many updates as validation found, and let these speak. They
                have no test score of their own: intervals are those of the tested networks.

        Returns:
            A row per architecture (and for the best naive predictor), series and step: `series`, `time`, `step`,
            `architecture`, `title`, `mean`, and `lower_90`, `upper_90` and so on where there were enough errors on unseen data;
            of networks with quantile loss `quantile_10`, `quantile_50` and `quantile_90`. `attrs["notes"]` holds what the page
            says below its forecast: how often intervals held, and of networks trained on all rows that they have no test score;
            those rows have True in a column `trained_on_everything`.

        Raises:
            DataError: If the dataset is no series, or predictions cannot be fed back so far.
        """
        from models.analysis.forecast_sentences import missing_plan

        found = forecast_result(self.result, self.content)
        if found is None:
            if asked := missing_plan(self.result.spec):
                raise DataError(asked)
            raise DataError("Nothing is forecast here: give a series in time order, such as a CSV file or a frame.")
        longest = int(found.steps.max())
        if horizon is not None and horizon > longest and not train_on_everything:
            return self._further(found, horizon)
        if horizon is not None and not 1 <= horizon <= longest:
            allowed = "1, the step that was" if longest == 1 else f"1 to {longest}, the steps that were"
            raise DataError(
                f"`horizon` must be {allowed} trained, not {horizon}; compare with `horizon={horizon}` for more."
            )
        if train_on_everything:
            from models.analysis.train_on_everything import trained_on_everything

            found = trained_on_everything(found, self.result, self.content)
        frame = _noted(found)
        chosen = frame[frame["step"] <= (horizon or longest)].reset_index(drop=True)
        chosen.attrs |= frame.attrs
        return chosen

    def _further(self, found: Forecast, horizon: int) -> pd.DataFrame:
        from models.analysis.feed_back import further_forecast

        further = further_forecast(self.result, found, horizon, self.content)
        if (said := further.obstacle or further.shortfall(horizon)) or further.forecast is None:
            raise DataError(f"{said} Compare with `horizon={horizon}` instead.")
        return _noted(further.forecast)

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
            DataError: If nothing is forecast, or the file lacks future values of columns that are known ahead.
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


def _noted(found: Forecast) -> pd.DataFrame:
    """Return the frame of a forecast, with what the page says about it in `attrs["notes"]`."""
    from models.analysis.forecast_sentences import coverage_sentences

    frame = found.frame()
    if found.everything:
        frame["trained_on_everything"] = frame["architecture"].isin(found.everything)
    frame.attrs["notes"] = list(coverage_sentences(found))
    return frame
