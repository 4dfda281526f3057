"""What the first run on a server tells about the next."""

from dataclasses import replace

import pytest

from models.analysis.first_run import next_run_times
from models.spec.cost import estimate_run
from models.spec.experiment import ExperimentSpec
from models.spec.fairness import plan_runs
from models.spec.sizes import DataShape
from tests.dashboard.fakes import made_up_result


def test_gain_is_what_a_run_took_by_what_fused_kernels_would_take() -> None:
    """Twice the time per update is twice the gain."""
    spec = ExperimentSpec(dataset="adding", updates=100)
    shape = DataShape.of(spec.source().load(spec.dataset_options(), spec.seed))
    runs = plan_runs(spec)
    expected = sum(estimate_run(run, shape).seconds for run in runs)
    for milliseconds in (5.0, 10.0):
        made = [replace(run, cost={"milliseconds_per_update": milliseconds}) for run in made_up_result(spec).runs]
        assert next_run_times(made, shape) == pytest.approx(0.1 * milliseconds * len(runs) / expected)
