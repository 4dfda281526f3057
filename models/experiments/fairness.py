"""What is held equal between architectures: turns an experiment into one run per architecture."""

from models.experiments.spec import ExperimentSpec, RunSpec


def plan_runs(spec: ExperimentSpec) -> tuple[RunSpec, ...]:
    """Return one run per architecture, in the order of the spec."""
    return tuple(
        RunSpec(
            experiment=spec,
            architecture=name,
            hidden_size=spec.hidden_size,
            updates=spec.updates,
            learning_rate=spec.learning_rate,
        )
        for name in spec.architectures
    )
