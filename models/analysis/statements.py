"""Common statements about LSTM and GRU, each with the experiment or formula that supports or refutes it.

A statement's rule only reads a finished result; without a result the statement is open. The rules follow the verdict's
outcomes: "better" needs `better`, and "comparable" needs `same`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from models.analysis.facts import busy
from models.analysis.outcomes import compare_differences
from models.analysis.pairs import PairComparison
from models.analysis.verdict import judge
from models.analysis.wording import statement as statement_of
from models.cells import get_cell
from models.records.results import ExperimentResult
from models.spec.experiment_settings import ExperimentSpec
from models.spec.memory import activation_bytes, weight_bytes
from models.spec.recommended import recommended
from models.spec.sizes import NetworkSize

Outcome = Literal["supported", "refuted", "undecided"]
REPEATS = 8  # of every experiment that checks a statement; deciding one pair needs at least six
CLEARLY = 2.0  # how many times as far a gradient must reach
SLOWER = 1.1  # times per update within ten percent count as equal


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The evidence on a statement.

    Attributes:
        outcome: `supported`, `refuted` or `undecided`.
        sentence: The numbers behind it.
    """

    outcome: Outcome
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A common statement.

    Attributes:
        name: Identifier.
        said: The statement as it is usually made.
        comment: Its background in one or two sentences, with sources.
        spec: The experiment that checks it, or None if a formula does.
        rule: Reads a result of that experiment.
        formula: Finding by formula for (input size, hidden size), or None.
        findings: Names of the published findings about it, see `models.findings`.
    """

    name: str
    said: str
    comment: str
    spec: ExperimentSpec | None = None
    rule: Callable[[ExperimentResult], Finding] | None = None
    formula: Callable[[int, int], Finding] | None = None
    findings: tuple[str, ...] = ()


def three_quarters(inputs: int, hidden: int) -> Finding:
    """Compare the parameter counts of one layer of each."""
    lstm, gru = (get_cell(name).parameter_count(inputs, hidden) for name in ("lstm", "gru"))
    sentence = f"With {inputs} input{'' if inputs == 1 else 's'} and {hidden} units one layer has {lstm:,} (LSTM) and {gru:,} (GRU) numbers: a ratio of {gru / lstm:.2f}."
    return Finding(outcome="supported" if 4 * gru == 3 * lstm else "refuted", sentence=sentence.replace(",", "\u202f"))


def less_memory(inputs: int, hidden: int) -> Finding:
    """Compare the memory of weights and of activations, by formula."""
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
    """Supported if the verdict finds the LSTM better, refuted if it finds the GRU better or both the same."""
    pair = _pair_of(result)
    if pair is None:
        return Finding(outcome="undecided", sentence=judge(result).headline)
    outcome: Outcome = "undecided"
    if pair.outcome == "better":
        outcome = "supported" if pair.better == "lstm" else "refuted"
    elif pair.outcome == "same":
        outcome = "refuted"
    return Finding(outcome=outcome, sentence=statement_of(pair))


def comparable(result: ExperimentResult) -> Finding:
    """Supported if the verdict finds them the same, refuted if one is better by at least the margin."""
    pair = _pair_of(result)
    if pair is None:
        return Finding(outcome="undecided", sentence=judge(result).headline)
    outcome: Outcome = "supported" if pair.outcome == "same" else "undecided"
    if pair.outcome == "better" and pair.tested.matters:
        outcome = "refuted"
    return Finding(outcome=outcome, sentence=statement_of(pair))


def _pair_of(result: ExperimentResult) -> PairComparison | None:
    """Return LSTM against GRU, or None if one of them has no result."""
    return next((pair for pair in judge(result).comparisons if set(pair.pair) == {"lstm", "gru"}), None)


def gates_reach_farther(result: ExperimentResult) -> Finding:
    """Test whether gated networks reach at least twice as far as the ungated one, repeat by repeat."""
    reach = {run.spec.architecture: _median_horizon(result, run.spec.architecture) for run in result.runs}
    caption = ", ".join(f"{get_cell(name).title} {steps:.0f}" for name, steps in reach.items())
    sentence = f"Steps back at which the gradient still has 1 % of its largest norm, median over repeats: {caption}."
    surplus = _surplus(result)
    if not surplus:
        return Finding(outcome="undecided", sentence=sentence)
    tested = compare_differences(surplus, [0.0] * len(surplus))
    farther = all(test.outcome == "better" and test.difference > 0 for test in tested)
    return Finding(outcome="supported" if farther else "undecided", sentence=sentence)


def _surplus(result: ExperimentResult) -> list[np.ndarray]:
    """Return, per gated network and repeat, log2 of its horizon over twice the ungated one's; empty if one is missing."""
    flows = {run.spec.architecture: run.gradient_flow for run in result.runs}
    reach = {
        name: np.log2(np.maximum(flow["trained_horizon"], 1.0))
        for name, flow in flows.items()
        if "trained_horizon" in flow
    }
    ungated = reach.pop("rnn", None)
    if (
        ungated is None
        or not reach
        or len(reach) < len(flows) - 1
        or {len(steps) for steps in reach.values()} != {len(ungated)}
    ):
        return []
    differences = [steps - ungated - np.log2(CLEARLY) for steps in reach.values()]
    return differences if np.isfinite(differences).all() else []


def gru_faster(result: ExperimentResult) -> Finding:
    """Compare the measured time of an update, if both ran on the same kernel."""
    lstm, gru = result.run("lstm"), result.run("gru")
    if lstm is None or gru is None:
        return Finding(outcome="undecided", sentence="This experiment trained only one of them.")
    ratio = gru.cost["milliseconds_per_update"] / max(lstm.cost["milliseconds_per_update"], 1e-9)
    kernels = lstm.kernel if lstm.kernel == gru.kernel else f"{lstm.kernel} and {gru.kernel}"
    sentence = f"Measured in this experiment: an update of the GRU takes {ratio:.2f} times as long ({kernels} kernel)."
    if busy((lstm, gru)):
        return Finding(outcome="undecided", sentence=f"{sentence} The machine was busy with other work.")
    if lstm.kernel != gru.kernel or 1 / SLOWER <= ratio <= SLOWER:
        return Finding(outcome="undecided", sentence=sentence)
    return Finding(outcome="supported" if ratio < 1 else "refuted", sentence=sentence)


def _median_horizon(result: ExperimentResult, architecture: str) -> float:
    run = result.run(architecture)
    horizons = run.gradient_flow.get("trained_horizon") if run is not None else None
    return float(np.median(horizons)) if horizons is not None else float("nan")


def statements() -> Mapping[str, Statement]:
    """Return all statements by name, in display order."""
    return {statement.name: statement for statement in (*_about_cost(), *_about_quality(), *_about_gradients())}


def _about_cost() -> tuple[Statement, ...]:
    return (
        Statement(
            name="three_quarters",
            findings=("chung_three_quarters",),
            said="A GRU has three quarters of an LSTM's parameters.",
            comment="At the same hidden size: three blocks of weights instead of four. At equal parameters it has more units.",
            formula=three_quarters,
        ),
        Statement(
            name="faster",
            findings=(
                "yang_fused_time",
                "yang_stock_time",
                "appleyard_fused",
            ),
            said="A GRU trains faster.",
            comment=(
                "Three quarters of the arithmetic suggest it. But time belongs to a kernel, not to an architecture: stock "
                "PyTorch on a CPU runs the LSTM in one fused kernel and the GRU step by step, so there the GRU is several "
                "times slower. With one kernel for both, the expectation can be measured."
            ),
            spec=recommended("sunspots", seeds=REPEATS),
            rule=gru_faster,
        ),
        Statement(
            name="memory",
            findings=("chung_three_quarters",),
            said="A GRU uses less memory.",
            comment="Fewer weights and one state instead of two.",
            formula=less_memory,
        ),
    )


def _about_quality() -> tuple[Statement, ...]:
    long_adding = recommended("adding", options=(("length", 100),), seeds=REPEATS, updates=2500)
    return (
        Statement(
            name="long_term",
            findings=("hochreiter_adding", "tallec_chrono"),
            said="An LSTM is better on long-term dependencies.",
            comment=(
                "Often repeated; comparisons of the two did not find it in general (Chung et al. 2014; Jozefowicz et al. "
                "2015). The adding problem asks for a memory over a hundred steps."
            ),
            spec=long_adding,
            rule=lstm_wins,
        ),
        Statement(
            name="counting",
            findings=("weiss_counting", "weiss_three_letters"),
            said="An LSTM can count, a GRU cannot.",
            comment=(
                "The one case with a proof behind it: a cell state can grow without bound, a GRU's state is an average "
                "(Weiss, Goldberg and Yahav 2018). The test strings are longer than any in training."
            ),
            spec=recommended("counting", seeds=REPEATS),
            rule=lstm_wins,
        ),
        Statement(
            name="comparable",
            findings=("yunita_sunspots", "chung_chorales"),
            said="On small real data the two are often comparable.",
            comment=(
                "That no difference is found does not make them the same: this is supported only where the difference is "
                "shown to be smaller than what matters."
            ),
            spec=recommended("sunspots", seeds=REPEATS),
            rule=comparable,
        ),
    )


def _about_gradients() -> tuple[Statement, ...]:
    return (
        Statement(
            name="vanishing",
            findings=("bengio_vanishing_gradient", "gers_forget_bias", "saxe_orthogonal", "henaff_orthogonal"),
            said="Gates fix vanishing gradients.",
            comment=(
                "They let the gradient pass where a gate keeps; they do not force it. Compare how far back the gradient "
                "reaches in trained networks with and without gates (Hochreiter 1991; Bengio et al. 1994)."
            ),
            spec=recommended(
                "adding", architectures=("lstm", "gru", "rnn"), options=(("length", 100),), seeds=REPEATS, updates=2500
            ),
            rule=gates_reach_farther,
        ),
    )
