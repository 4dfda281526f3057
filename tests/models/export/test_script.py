"""The exported script trains the same networks without this project."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from data.repeat_splits import RepeatedData
from models.engine.run_here import run_experiment
from models.export import script
from models.export.dossier import Dossier
from models.export.script import script_download, script_files
from models.spec.experiment_settings import ExperimentSpec
from models.spec.task_data import repeated_data
from tests.models.export.trained import GROUPS, trained
from tests.models.records.samples import a_spec, an_experiment_result


def run_script(path: Path, *arguments: str) -> list[dict[str, float]]:
    """Run a script in a fresh process that sees no file of this project; return its scores."""
    out = path.with_suffix(".json")
    command = [sys.executable, "-I", "-W", "error", str(path), "--json", str(out), *arguments]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=240, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(out.read_text())


@pytest.mark.slow
@pytest.mark.parametrize("names", GROUPS)
def test_script_repeats_the_experiment(names: tuple[str, ...], tmp_path: Path) -> None:
    """Every architecture has the same number of parameters and, seed by seed, the same scores."""
    dossier, data = trained(names)
    (name, content), *more = script_files(dossier, data).items()
    assert not more
    (tmp_path / name).write_bytes(content)
    scores = {(entry["architecture"], entry["seed"]): entry for entry in run_script(tmp_path / name)}
    for run in dossier.result.runs:
        for seed in run.seeds:
            found = scores[run.spec.architecture, seed.seed]
            assert found["parameters"] == run.parameters
            for metric, value in {"loss": seed.test_loss, **seed.test_metrics}.items():
                rough = run.spec.architecture == "layer_norm_lstm"  # its training amplifies the last bit's difference
                np.testing.assert_allclose(found[metric], value, rtol=0.2 if rough else 2e-3)


def quantile_experiment(dataset: str) -> tuple[Dossier, RepeatedData]:
    """Train for a moment with quantile loss."""
    spec = ExperimentSpec(
        dataset=dataset,
        options=(("horizon", 2), ("differencing", "first")),
        architectures=("gru", "mgu"),
        hidden_size=4,
        seeds=2,
        updates=12,
        evaluations=3,
        rate_search=0,
        loss="quantile",
    )
    return Dossier(result=run_experiment(spec, threads=1)), repeated_data(spec)


@pytest.mark.slow
@pytest.mark.parametrize("dataset", ["airline", "us_macro_panel"])
def test_script_trains_quantiles(dataset: str, tmp_path: Path) -> None:
    """One series and several: loss, pinball loss of each level and coverage are the experiment's, seed by seed."""
    dossier, data = quantile_experiment(dataset)
    made = script_files(dossier, data)
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    path = next(tmp_path.glob("*.py"))
    scores = {(entry["architecture"], entry["seed"]): entry for entry in run_script(path)}
    for run in dossier.result.runs:
        for seed in run.seeds:
            found = scores[run.spec.architecture, seed.seed]
            expected = {"loss": seed.test_loss, **seed.test_metrics}
            assert sum(name.startswith(("pinball", "scaled_pinball")) for name in expected) >= 3
            assert "coverage_80" in expected
            for metric, value in expected.items():
                np.testing.assert_allclose(found[metric], value, rtol=2e-3, atol=1e-3 if "coverage" in metric else 0)


@pytest.mark.slow
def test_script_with_its_data_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Large data goes into a file of its own, and the script finds it."""
    dossier, data = trained()
    monkeypatch.setattr(script, "MAX_EMBEDDED", 10)
    made = script_files(dossier, data)
    assert min(made) == "data.npz"
    for name, content in made.items():
        (tmp_path / name).write_bytes(content)
    path = next(tmp_path.glob("*.py"))
    (found,) = run_script(path, "--architecture", "gru", "--seeds", "1", "--updates", "2")
    assert found["parameters"] == dossier.result.run("gru").parameters
    assert script_download(dossier, data)[0].endswith(".zip")


def test_script_runs_no_word_of_a_title(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile title stays inside the docstring."""
    result = an_experiment_result()
    monkeypatch.setattr(Dossier, "title", '"""\nimport os; os.system("id")\n"""@DATA@@SETTINGS@\\')
    spec = a_spec()
    monkeypatch.setattr(script, "MAX_EMBEDDED", 10**9)
    (content,) = script_files(Dossier(result=result), repeated_data(spec)).values()
    compiled = compile(content, "script", "exec")
    assert "os" not in compiled.co_names
