"""Downloads of an experiment, created on request."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from dashboard import saved_experiments
from dashboard.report import report_html
from data.task import TaskData
from models.cells import get_cell
from models.errors import GatescopeError
from models.export.dossier import Dossier
from models.export.experiment_document import to_json
from models.export.mlflow import mlflow_zip
from models.export.onnx import onnx_file
from models.export.report import markdown_report
from models.export.safetensors import weights_file
from models.export.script import script_download, script_name
from models.export.tables import comparison_latex, comparison_markdown, long_csv
from models.export.tensorboard import tensorboard_zip
from models.records.results import ExperimentResult, RunResult

_ENDINGS = {"zip": "application/zip", "html": "text/html", "json": "application/json", "csv": "text/csv"}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Subject:
    """What is exported: enough to name files; `gather` adds notes and decision when a file is created."""

    named: Dossier
    data: TaskData | None
    gather: Callable[[], Dossier]


def show_downloads(identity: str, result: ExperimentResult) -> None:
    """Draw a part that offers the downloads of an experiment once it is opened."""
    st.fragment(_opened)(identity, result)


def _opened(identity: str, result: ExperimentResult) -> None:
    part = st.expander(
        "Download report, numbers, code and networks",
        icon=":material/download:",
        key="part_downloads",
        on_change="rerun",
    )
    if part.open:
        with part:
            show_exports(identity, result)


def show_exports(identity: str, result: ExperimentResult) -> None:
    """Draw the buttons of one experiment.

    Args:
        identity: Its id.
        result: Its result.
    """
    subject = _Subject(
        named=Dossier(result=result, id=identity),
        data=_data(identity, result),
        gather=saved_experiments.gatherer(identity, result),
    )
    st.caption("Report: verdict, charts, tables, settings, notes and decision, in one file that works offline.")
    with st.container(horizontal=True):
        _offer(subject, "Report (HTML)", "html", lambda dossier: report_html(_forecast(dossier), subject.data))
        _offer(subject, "Report (Markdown)", "md", lambda dossier: markdown_report(_forecast(dossier)).encode())
        _offer(subject, "All numbers (CSV)", "csv", lambda dossier: long_csv(dossier.result))
        _offer(subject, "Everything (JSON)", "json", to_json)
        _offer(subject, "Table (Markdown)", "table.md", lambda dossier: comparison_markdown(dossier.result).encode())
        _offer(subject, "Table (LaTeX)", "tex", lambda dossier: comparison_latex(dossier.result).encode())
    st.caption(
        "For experiment trackers, in their own file formats: unpack, then `tensorboard --logdir .` or `mlflow ui`."
    )
    with st.container(horizontal=True):
        _offer(subject, "TensorBoard", "tensorboard.zip", tensorboard_zip)
        _offer(subject, "MLflow", "mlflow.zip", lambda dossier: mlflow_zip(_forecast(dossier)))
    if any(run.weights for run in result.runs):
        _show_networks(subject, [run for run in result.runs if run.weights])


def _data(identity: str, result: ExperimentResult) -> TaskData | None:
    """Return the experiment's data, or None if its file is missing."""
    try:
        return saved_experiments.experiment_data(identity, result.spec)
    except GatescopeError:
        return None


def _forecast(dossier: Dossier) -> Dossier:
    """Add the forecast of the rows after the last one, for a series."""
    return replace(dossier, forecast=saved_experiments.experiment_forecast(dossier.id, dossier.result))


def _offer(subject: _Subject, label: str, ending: str, make: Callable[[Dossier], bytes]) -> None:
    _button(label, subject, ending, lambda: make(subject.gather()), icon=":material/download:")


def _button(label: str, subject: _Subject, ending: str, make: Callable[[], bytes], *, icon: str) -> None:
    st.download_button(
        label,
        make,
        file_name=f"{subject.named.file_name}.{ending}",
        mime=_ENDINGS.get(ending, "application/octet-stream"),
        key=f"export_{subject.named.id}_{ending}",
        on_click="ignore",
        icon=icon,
    )


def _show_networks(subject: _Subject, trained: list[RunResult]) -> None:
    """Draw script, weights and ONNX of every architecture."""
    data = subject.data
    st.caption(
        "Trained networks: all repeats as safetensors; one repeat as ONNX, checked against the weights; a PyTorch script "
        "that trains the same networks with PyTorch and NumPy alone."
    )
    with st.container(horizontal=True, vertical_alignment="bottom"):
        for run in trained:
            name = run.spec.architecture
            label = f"{get_cell(name).title} weights"
            _button(label, subject, f"{name}.safetensors", partial(weights_file, run), icon=":material/scatter_plot:")
        if data is None:
            return
        identity, spec = subject.named.id, subject.named.result.spec
        different = saved_experiments.different_count(identity, spec)
        ending = script_name(subject.named, data, different).removeprefix(f"{subject.named.file_name}.")
        repeats = partial(saved_experiments.experiment_repeats, identity, spec)
        make = lambda: script_download(subject.gather(), repeats())[1]  # noqa: E731 - a late call like the others
        _button("PyTorch script", subject, ending, make, icon=":material/code:")
    _show_onnx(subject, trained, data)


def _show_onnx(subject: _Subject, trained: list[RunResult], data: TaskData) -> None:
    seeds = [seed.seed for seed in trained[0].seeds]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        replica = st.selectbox(
            "Repeat",
            range(len(seeds)),
            key=f"export_{subject.named.id}_seed",
            format_func=lambda n: str(n + 1),
            width=120,
        )
        for run in trained:
            name, seed = run.spec.architecture, seeds[replica]
            own = saved_experiments.experiment_data(subject.named.id, run.spec.experiment, replica)
            make = partial(onnx_file, run, replica, own)
            _button(f"{get_cell(name).title} ONNX", subject, f"{name}.seed{seed}.onnx", make, icon=":material/hub:")
