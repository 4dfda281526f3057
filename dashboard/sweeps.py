"""What pages do with sweeps: look at one, start it within this server's limits, stop it."""

from dashboard import services, state
from models.engine.sweep_progress import SweepView
from models.errors import CapacityError
from models.records.experiment import may_control_with
from models.records.sweep import SweepSpec
from models.spec.limits import Limits, check_capacity

TIMES_AN_EXPERIMENT = 4.0  # what a sweep may take, against the longest experiment


def look(spec: SweepSpec) -> SweepView:
    """Return how far a sweep is.

    Raises:
        StoreError: If the store cannot be read.
        DataError: If the dataset's options leave too little data.
    """
    return services.sweeps().view(spec)


def start(spec: SweepSpec) -> None:
    """Start a sweep, or go on with it.

    Raises:
        CapacityError: If it, or one of its experiments, asks for more than is allowed.
        StoreError: If it cannot be kept.
    """
    runner, limits = services.sweeps(), Limits.from_environment()
    for point in spec.points():
        check_capacity(point.spec, runner.shape_of(point.spec), limits)
    minutes, allowed = runner.estimate(spec) / 60, TIMES_AN_EXPERIMENT * limits.minutes
    if minutes > allowed:
        raise CapacityError(
            f"This sweep would train for about {minutes:,.0f} minutes and {allowed:,.0f} are allowed here: choose fewer "
            "values, seeds or updates, or run it from the command line."
        )
    runner.start(spec, control=state.control())


def may_stop(view: SweepView) -> bool:
    """Say whether this browser started a sweep."""
    return may_control_with(view.control, state.control())


def stop(spec: SweepSpec) -> None:
    """Stop a sweep; what is done stays."""
    services.sweeps().stop(spec.key())
