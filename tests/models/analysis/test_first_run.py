"""What the first run on a server tells about the next."""

from models.analysis.first_run import TIMES, next_run_times
from models.networks.selection import WITHOUT_FUSED
from models.spec.experiment_settings import ExperimentSpec
from tests.dashboard.fakes import made_up_result


def test_gain_is_known_for_everything_that_has_a_stand_in() -> None:
    """The mean over the runs, and a figure for each architecture that may have to wait for its kernel."""
    assert TIMES.keys() == WITHOUT_FUSED.keys()
    spec = ExperimentSpec(dataset="adding", updates=100, architectures=("lstm", "gru"))
    assert next_run_times(made_up_result(spec).runs) == (TIMES["lstm"] + TIMES["gru"]) / 2
