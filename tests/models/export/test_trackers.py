"""TensorBoard's and MLflow's own readers read what is exported for them."""

import io
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.errors import GatescopeError
from models.export.archive import write_files
from models.export.dossier import Dossier
from models.export.mlflow import mlflow_files, mlflow_zip
from models.export.tables import LONG_COLUMNS, long_frame, several_frame
from models.export.tensorboard import _checksum, _varint, tensorboard_files, tensorboard_zip
from models.records.results import CURVE_COLUMNS, RunResult
from tests.models.records.samples import a_spec, an_experiment_result


def curve(run: RunResult, seed: int, name: str) -> list[tuple[int, float]]:
    """Return update and value of a seed's finite points of a curve."""
    own = run.curves["seed"] == seed
    pairs = zip(run.curves["update"][own].tolist(), run.curves[name][own].tolist(), strict=True)
    return [(int(update), value) for update, value in pairs if np.isfinite(value)]


@pytest.fixture(scope="module")
def dossier() -> Dossier:
    """An experiment of two architectures."""
    return Dossier(result=an_experiment_result())


def test_checksum_and_numbers_are_the_formats() -> None:
    """CRC-32C of the digits one to nine is E3069283 (RFC 3720's polynomial); masked as records are. 300 is AC 02."""
    expected = ((0xE3069283 >> 15 | 0xE3069283 << 17) + 0xA282EAD8) & 0xFFFFFFFF
    assert int.from_bytes(_checksum(b"123456789"), "little") == expected
    assert (_varint(0), _varint(127), _varint(300)) == (b"\x00", b"\x7f", b"\xac\x02")


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
def test_tensorboard_reads_every_curve(dossier: Dossier, tmp_path: Path) -> None:
    """Its accumulator finds the same steps and values, per architecture and seed, and the test score at the best update."""
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    write_files(tensorboard_files(dossier), tmp_path)
    for run in dossier.result.runs:
        for seed in run.seeds:
            read = accumulator.EventAccumulator(str(tmp_path / run.spec.architecture / f"seed-{seed.seed}"))
            read.Reload()
            found = [(event.step, event.value) for event in read.Scalars("loss/validation")]
            expected = curve(run, seed.seed, "validation_loss")
            assert [step for step, _ in found] == [step for step, _ in expected]
            np.testing.assert_allclose([value for _, value in found], [value for _, value in expected], rtol=1e-6)
            (test,) = read.Scalars("test/loss")
            assert (test.step, test.value) == (seed.best_update, pytest.approx(seed.test_loss, rel=1e-6))
            assert {"loss/training", "gradient_norm"} <= set(read.Tags()["scalars"])


@pytest.mark.slow  # its client imports for seconds
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.filterwarnings("ignore::UserWarning")
def test_mlflow_reads_every_run(dossier: Dossier, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its client finds the experiment, the comparison with the settings, and below it each seed with its curves."""
    monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
    tracking = pytest.importorskip("mlflow.tracking")
    write_files(mlflow_files(dossier), tmp_path)
    client = tracking.MlflowClient(tracking_uri=(tmp_path / "mlruns").as_uri())
    (experiment,) = [one for one in client.search_experiments() if one.name != "Default"]
    assert experiment.name.startswith(dossier.title)
    runs = client.search_runs([experiment.experiment_id])
    parents = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    (parent,) = parents
    assert parent.data.params["dataset"] == dossier.result.spec.dataset
    assert parent.data.tags["mlflow.note.content"]
    children = {run.info.run_name: run for run in runs if run is not parent}
    assert len(children) == sum(len(run.seeds) for run in dossier.result.runs)
    run = dossier.result.runs[0]
    seed = run.seeds[0]
    child = next(
        one for name, one in children.items() if name.endswith(f", seed {seed.seed}") and name.startswith("LSTM")
    )
    assert child.data.tags["mlflow.parentRunId"] == parent.info.run_id
    history = client.get_metric_history(child.info.run_id, "validation_loss")
    assert [(one.step, one.value) for one in history] == curve(run, seed.seed, "validation_loss")
    assert child.data.metrics["test_loss"] == seed.test_loss
    assert child.info.status == "FINISHED"


def test_archives_hold_the_files(dossier: Dossier) -> None:
    """Both are ZIP files whose names stay inside their own folder."""
    for made, first in ((tensorboard_zip(dossier), dossier.file_name), (mlflow_zip(dossier), "mlruns")):
        names = zipfile.ZipFile(io.BytesIO(made)).namelist()
        assert {name.split("/")[0] for name in names} == {first}
        assert not any(".." in name or name.startswith("/") for name in names)


def test_hostile_names_stay_names() -> None:
    """A metric that is called like a path, or holds a line break, becomes a file of its own in the folder."""
    result = an_experiment_result()
    seeds = tuple(replace(seed, test_metrics={"../../x\ny: é": 1.0}) for seed in result.runs[0].seeds)
    hostile = Dossier(result=replace(result, runs=(replace(result.runs[0], seeds=seeds),)))
    names = [name for name in mlflow_files(hostile) if "test_" in name]
    assert names
    assert all(name.rpartition("metrics/")[2].count("/") == 0 for name in names)


def test_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """One sentence, with the folder."""
    (tmp_path / "file").write_text("")
    with pytest.raises(GatescopeError, match="choose another folder"):
        write_files({"a/b": b""}, tmp_path / "file")


def test_several_experiments_are_one_table() -> None:
    """Rows of all, with the settings in which they differ and no others."""
    first, second = (an_experiment_result(a_spec(hidden_size=size)) for size in (4, 8))
    frame = several_frame({"A": first, "B": second})
    assert list(frame.columns) == ["experiment", "dataset", "hidden_size", *LONG_COLUMNS]
    assert len(frame) == len(long_frame(first)) + len(long_frame(second))
    assert frame.groupby("experiment")["hidden_size"].unique().map(list).to_dict() == {"A": ["4"], "B": ["8"]}
    assert set(CURVE_COLUMNS[3:5]) <= set(frame["measure"])
    assert list(several_frame({}).columns) == ["experiment", "dataset", *LONG_COLUMNS]
