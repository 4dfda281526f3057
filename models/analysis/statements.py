"""What is said about LSTM and GRU, each with the experiment or the formula that supports or refutes it.

A statement's rule reads a finished result and nothing else; without a result it is open. The rules follow the verdict:
without a difference that the seeds can support, a statement about a difference is undecided.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from data.catalog import get_dataset
from models.analysis.verdict import judge
from models.cells import get_cell
from models.records.results import ExperimentResult
from models.spec.cost import activation_bytes, weight_bytes
from models.spec.experiment import ExperimentSpec
from models.spec.sizes import NetworkSize

Outcome = Literal["supported", "refuted", "undecided"]
MIN_SEEDS = 6  # fewer cannot support a claim at the 5 % level
CLEARLY = 2.0  # how many times farther a gradient must reach
SLOWER = 1.1  # times per update within ten percent count as equal


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the evidence says.

    Attributes:
        outcome: `supported`, `refuted` or `undecided`.
        sentence: The numbers behind it.
    """

    outcome: Outcome
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something people say.

    Attributes:
        name: Identifier.
        said: The statement as it is heard.
        comment: What is behind it, in one or two sentences, with sources.
        spec: The experiment that checks it, or None where a formula does.
        rule: Reads a result of that experiment.
        formula: Finding by formula for (input size, hidden size), or None.
    """

    name: str
    said: str
    comment: str
    spec: ExperimentSpec | None = None
    rule: Callable[[ExperimentResult], Finding] | None = None
    formula: Callable[[int, int], Finding] | None = None


def three_quarters(inputs: int, hidden: int) -> Finding:
    """Count the parameters of one layer of each."""
    lstm, gru = (get_cell(name).parameter_count(inputs, hidden) for name in ("lstm", "gru"))
    sentence = f"With {inputs} input{'' if inputs == 1 else 's'} and {hidden} units one layer has {lstm:,} (LSTM) and {gru:,} (GRU) numbers: a ratio of {gru / lstm:.2f}."
    return Finding(outcome="supported" if 4 * gru == 3 * lstm else "refuted", sentence=sentence.replace(",", "\u202f"))


def less_memory(inputs: int, hidden: int) -> Finding:
    """Compare weights and what backpropagation keeps, by formula."""
    sizes = {
        name: NetworkSize(architecture=name, hidden_size=hidden, input_size=inputs, encoded_size=inputs)
        for name in ("lstm", "gru")
    }
    kept = {name: activation_bytes(size, 50, 32) for name, size in sizes.items()}
    weights = {name: weight_bytes(size) for name, size in sizes.items()}
    fewer = weights["gru"] < weights["lstm"] and kept["gru"] < kept["lstm"]
    sentence = (
        f"By formula the GRU needs {weights['gru'] / weights['lstm']:.2f} times the memory for weights and "
        f"{kept['gru'] / kept['lstm']:.2f} times for what backpropagation keeps (batch 32, 50 steps). What is allocated "
        "is measured on the Cost page; for small networks the libraries around them outweigh both."
    )
    return Finding(outcome="supported" if fewer else "refuted", sentence=sentence)


def lstm_wins(result: ExperimentResult) -> Finding:
    """Supported if the verdict finds the LSTM better, refuted if it finds the GRU better."""
    comparison = judge(result).comparisons[0]
    outcomes: dict[str | None, Outcome] = {"lstm": "supported", None: "undecided"}
    return Finding(outcome=outcomes.get(comparison.better, "refuted"), sentence=judge(result).headline)


def comparable(result: ExperimentResult) -> Finding:
    """Refuted if the verdict finds a difference; otherwise the seeds support that there is no large one."""
    comparison = judge(result).comparisons[0]
    if comparison.better is not None:
        return Finding(outcome="refuted", sentence=judge(result).headline)
    enough = comparison.seeds >= MIN_SEEDS
    return Finding(outcome="supported" if enough else "undecided", sentence=judge(result).headline)


def gates_reach_farther(result: ExperimentResult) -> Finding:
    """Compare the gradient horizons of trained networks with the ungated one's."""
    reach = {run.spec.architecture: _median_horizon(result, run.spec.architecture) for run in result.runs}
    told = ", ".join(f"{get_cell(name).title} {steps:.0f}" for name, steps in reach.items())
    sentence = f"Steps back at which the gradient still has 1 % of its largest norm, median over seeds: {told}."
    gated = [steps for name, steps in reach.items() if name != "rnn"]
    if "rnn" not in reach or not gated or not np.isfinite([*reach.values()]).all():
        return Finding(outcome="undecided", sentence=sentence)
    farther = min(gated) >= CLEARLY * max(reach["rnn"], 1.0)
    return Finding(outcome="supported" if farther else "undecided", sentence=sentence)


def gru_faster(result: ExperimentResult) -> Finding:
    """Compare the measured time of an update, if both ran on the same kernel."""
    lstm, gru = result.run("lstm"), result.run("gru")
    if lstm is None or gru is None:
        return Finding(outcome="undecided", sentence="This experiment trained only one of them.")
    ratio = gru.cost["milliseconds_per_update"] / max(lstm.cost["milliseconds_per_update"], 1e-9)
    kernels = lstm.kernel if lstm.kernel == gru.kernel else f"{lstm.kernel} and {gru.kernel}"
    sentence = f"Measured in this experiment: an update of the GRU takes {ratio:.2f} times as long ({kernels} kernel)."
    if lstm.kernel != gru.kernel or 1 / SLOWER <= ratio <= SLOWER:
        return Finding(outcome="undecided", sentence=sentence)
    return Finding(outcome="supported" if ratio < 1 else "refuted", sentence=sentence)


def _median_horizon(result: ExperimentResult, architecture: str) -> float:
    run = result.run(architecture)
    horizons = run.gradient_flow.get("trained_horizon") if run is not None else None
    return float(np.median(horizons)) if horizons is not None else float("nan")


def _recommended(dataset: str, **changes: object) -> ExperimentSpec:
    return ExperimentSpec(dataset=dataset, **{**get_dataset(dataset).recommended, **changes})  # type: ignore[arg-type]


def statements() -> Mapping[str, Statement]:
    """Return every statement by name, in the order in which they are read."""
    return {statement.name: statement for statement in (*_about_cost(), *_about_memory())}


def _about_cost() -> tuple[Statement, ...]:
    return (
        Statement(
            name="three_quarters",
            said="A GRU has three quarters of an LSTM's parameters.",
            comment="At the same hidden size: three blocks of weights instead of four. At equal parameters it has more units.",
            formula=three_quarters,
        ),
        Statement(
            name="faster",
            said="A GRU trains faster.",
            comment=(
                "Three quarters of the arithmetic suggest it. But time belongs to a kernel, not to an architecture: stock "
                "PyTorch on a CPU runs the LSTM in one fused kernel and the GRU step by step, so there the GRU is several "
                "times slower. With one kernel for both, the expectation can be measured."
            ),
            spec=_recommended("sunspots", seeds=MIN_SEEDS),
            rule=gru_faster,
        ),
        Statement(
            name="memory",
            said="A GRU uses less memory.",
            comment="Fewer weights and one state instead of two.",
            formula=less_memory,
        ),
    )


def _about_memory() -> tuple[Statement, ...]:
    long_adding = _recommended("adding", options=(("length", 100),), seeds=MIN_SEEDS, updates=2500)
    return (
        Statement(
            name="long_term",
            said="An LSTM is better on long-term dependencies.",
            comment=(
                "Often repeated; comparisons did not find it in general (Chung et al. 2014; Greff et al. 2017). The adding "
                "problem asks for a memory over a hundred steps."
            ),
            spec=long_adding,
            rule=lstm_wins,
        ),
        Statement(
            name="counting",
            said="An LSTM can count, a GRU cannot.",
            comment=(
                "The one case with a proof behind it: a cell state can grow without bound, a GRU's state is an average "
                "(Weiss, Goldberg and Yahav 2018). The test strings are longer than any in training."
            ),
            spec=_recommended("counting", seeds=MIN_SEEDS),
            rule=lstm_wins,
        ),
        Statement(
            name="comparable",
            said="On small real data the two are often comparable.",
            comment="A short series leaves little to tell apart; that no difference is found does not prove there is none.",
            spec=_recommended("sunspots", seeds=MIN_SEEDS),
            rule=comparable,
        ),
        Statement(
            name="vanishing",
            said="Gates fix vanishing gradients.",
            comment=(
                "They let the gradient pass where a gate keeps; they do not force it. Compare how far back the gradient "
                "reaches in trained networks with and without gates (Hochreiter 1991; Bengio et al. 1994)."
            ),
            spec=_recommended(
                "adding", architectures=("lstm", "gru", "rnn"), options=(("length", 100),), seeds=3, updates=2500
            ),
            rule=gates_reach_farther,
        ),
    )
