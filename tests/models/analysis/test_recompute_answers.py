"""What an exported file leaves out of its networks is computed again from their weights, if they fit the data."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from models.analysis import recompute_answers
from models.analysis.recompute_answers import with_answers
from models.errors import InvalidSpecError
from models.export.dossier import Dossier
from models.export.experiment_document import from_json, to_json
from models.spec.experiment_settings import ExperimentSpec
from models.spec.task_data import task_data
from tests.dashboard.fakes import made_up_result
from tests.models.export.trained import GROUPS, trained


@pytest.mark.parametrize("names", GROUPS)
def test_answers_are_those_of_the_training(names: tuple[str, ...]) -> None:
    """An experiment that was exported and opened answers as it did where it was trained."""
    dossier, data = trained(names)
    opened = from_json(to_json(dossier)).result
    assert not any(len(run.sample_indices) for run in opened.runs)
    for before, after in zip(dossier.result.runs, with_answers(opened, data.task).runs, strict=True):
        np.testing.assert_array_equal(after.sample_indices, before.sample_indices)
        np.testing.assert_allclose(after.sample_outputs, before.sample_outputs, atol=1e-5)


@pytest.mark.parametrize("dataset", ["digits", "dyck", "first_names"])
def test_every_kind_of_task_gets_answers_of_its_shape(dataset: str) -> None:
    """Classes, and an answer at each step."""
    spec = ExperimentSpec(
        dataset=dataset, hidden_size=4, seeds=2, updates=4, evaluations=2, architectures=("lstm",), resampling="start"
    )
    made = made_up_result(spec)
    opened = from_json(to_json(Dossier(result=made))).result
    (run,), (known,) = with_answers(opened, partial(task_data, spec, None)).runs, made.runs
    assert run.sample_outputs.shape == (2, len(run.sample_indices), *known.sample_outputs.shape[2:])
    assert np.isfinite(run.sample_outputs).all()


def test_weights_of_other_data_are_refused() -> None:
    """A file whose weights do not fit its own data is not kept."""
    dossier, data = trained()
    opened = from_json(to_json(dossier)).result
    other = replace(data.task(0), input_size=data.task(0).input_size + 1)
    with pytest.raises(InvalidSpecError, match="do not fit this data"):
        with_answers(opened, lambda _: other)


def test_what_takes_too_long_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file must not block the server."""
    dossier, data = trained()
    opened = from_json(to_json(dossier)).result
    monkeypatch.setattr(recompute_answers, "MAX_FLOPS", 10)
    assert with_answers(opened, data.task) is opened
