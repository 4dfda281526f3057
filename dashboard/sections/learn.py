"""The texts of Learn: vanishing gradients, the cells and their gates, how they compare, what to take away."""

from collections.abc import Sequence

import streamlit as st

from dashboard.charts.gradient_flow import gradient_flow
from dashboard.components.chart import chart, footer
from dashboard.formatting import grouped, sentence_of
from dashboard.sections.gradient_flow import measure_fresh
from models.analysis.comparison import BYTES_PER_WEIGHT
from models.analysis.gradient_frames import MOMENTS, Flows, flow_frame, horizon_frame, horizon_sentences
from models.cells import Cell, architectures
from models.errors import EngineError
from models.findings.finding import findings
from models.spec.experiment_settings import ExperimentSpec
from models.spec.memory import activation_bytes
from models.spec.sizes import NetworkSize

READING = (
    (
        "Hochreiter 1991",
        "Untersuchungen zu dynamischen neuronalen Netzen. Diploma thesis, TU München: the vanishing gradient.",
    ),
    (
        "Bengio, Simard, Frasconi 1994",
        "Learning Long-Term Dependencies with Gradient Descent is Difficult. IEEE Transactions on Neural Networks 5(2).",
    ),
    ("Hochreiter, Schmidhuber 1997", "Long Short-Term Memory. Neural Computation 9(8)."),
    (
        "Gers, Schmidhuber, Cummins 2000",
        "Learning to Forget: Continual Prediction with LSTM. Neural Computation 12(10).",
    ),
    ("Cho et al. 2014", "Learning Phrase Representations using RNN Encoder-Decoder. EMNLP: the GRU."),
    (
        "Chung et al. 2014",
        "Empirical Evaluation of Gated Recurrent Neural Networks on Sequence Modeling. arXiv:1412.3555.",
    ),
    (
        "Jozefowicz, Zaremba, Sutskever 2015",
        "An Empirical Exploration of Recurrent Network Architectures. ICML: the forget-gate bias.",
    ),
    (
        "Karpathy, Johnson, Fei-Fei 2015",
        "Visualizing and Understanding Recurrent Networks. arXiv:1506.02078: saturated gates.",
    ),
    (
        "Greff et al. 2017",
        "LSTM: A Search Space Odyssey. IEEE TNNLS 28(10): eight variants of the LSTM, none clearly better; no GRU.",
    ),
    (
        "Collins, Sohl-Dickstein, Sussillo 2017",
        "Capacity and Trainability in Recurrent Neural Networks. arXiv:1611.09913.",
    ),
    (
        "Weiss, Goldberg, Yahav 2018",
        "On the Practical Computational Power of Finite Precision RNNs. arXiv:1805.04908: LSTMs count.",
    ),
    ("Tallec, Ollivier 2018", "Can Recurrent Neural Networks Warp Time? arXiv:1804.11188: chrono initialisation."),
)

TAKEAWAYS = (  # each with the published findings that it rests on
    (
        "Start with either. Where a comparison shows that both do equally well, take the cheaper one; “too close to call” shows nothing yet.",
        ("yunita_sunspots", "yang_fused_time"),
    ),
    (
        "The start of the gates' biases can matter more than the cell: try it, and the learning rate, before changing the cell.",
        ("jozefowicz_gru", "tallec_chrono"),
    ),
    (
        "Compare at equal parameters *and* at equal seconds; equal hidden size gives the LSTM a third more weights.",
        ("chung_three_quarters",),
    ),
    (
        "Speed is a property of a kernel. Measure the one that you will deploy.",
        ("yang_stock_time", "yang_fused_time", "appleyard_fused"),
    ),
    ("Put a naive baseline into every table: repeating the last value is often hard to beat.", ("velarde_prices",)),
    ("Trained to count, an LSTM counts on beyond the trained lengths, and a GRU does not.", ("weiss_counting",)),
)


def show_vanishing() -> None:
    """Draw the vanishing gradient of freshly initialised networks, measured now."""
    st.markdown(
        "A recurrent network learns by sending its error back through time. Each step multiplies the error by a matrix, the "
        "Jacobian. If these matrices shrink it, nothing of it reaches the first steps. The network then cannot learn that "
        "they mattered. The chart is measured now, on networks that were never trained."
    )
    spec = _fresh_networks()
    try:
        _draw_flows(measure_fresh(spec), spec.seed_values())
    except EngineError as error:
        st.warning(sentence_of(error))


def _fresh_networks() -> ExperimentSpec:
    """Draw the two settings and return the networks that they make."""
    with st.sidebar:
        length = st.slider(
            "Length of the sequence",
            10,
            200,
            60,
            10,
            key="flow_length",
            help="Longer sequences show more of the decay.",
        )
        bias = st.slider(
            "Forget-gate bias",
            -1.0,
            4.0,
            1.0,
            0.5,
            key="flow_bias",
            help="A larger bias gives the LSTM a longer memory at the start.",
        )
    return ExperimentSpec(
        dataset="adding", options=(("length", length),), architectures=("lstm", "gru", "rnn"), forget_bias=bias, seeds=3
    )


def _draw_flows(flows: Flows, seeds: Sequence[int]) -> None:
    frame = flow_frame(flows, seeds)
    horizons = horizon_frame(flows, seeds)
    caption = "; ".join(horizon_sentences(horizons)).replace(f" {MOMENTS['initial']}", "")
    chart(gradient_flow(frame, horizons), key="vanishing_gradient")
    footer(
        f"The gradient falls below 1 % of its largest value after: {caption} (median of {len(seeds)} repeats, 32 units). "
        "Thick lines: geometric mean of the repeats. Thin lines: one repeat each.",
        lambda: frame,
        name="gradient_flow_fresh",
    )


def show_cells() -> None:
    """Write the equations of cells exactly as they are computed, and what each gate does."""
    st.markdown(
        "**The LSTM** has a second state, the cell state. It changes only by adding, so an error can travel along it without "
        "shrinking at every step. Gates decide what is added, kept and shown. **The GRU** does the same with less: one state, "
        "and one gate that mixes old and new."
    )
    cells = architectures()
    with st.sidebar:
        chosen = st.pills(
            "Architectures",
            list(cells),
            selection_mode="multi",
            default=["lstm", "gru"],
            format_func=lambda name: cells[name].title,
            key="equations_of",
        )
    for column, name in zip(
        st.columns(max(len(chosen), 1)) if len(chosen) <= 2 else [st.container()] * len(chosen), chosen, strict=False
    ):
        with column:
            _show_cell(cells[name])


def _show_cell(cell: Cell) -> None:
    st.subheader(cell.title, anchor=False)
    st.markdown(cell.summary)
    for gate in cell.gates:
        st.markdown(f"**{gate.title}.** {gate.meaning}")
        st.latex(gate.equation)
    for info in cell.states:
        st.markdown(f"**{info.title}.** {info.meaning}")
        st.latex(info.equation)
    st.caption(f"{cell.convention} {cell.paper}.")


def show_comparison() -> None:
    """Compare the cells in a table made from their own descriptions."""
    rows = [_facts(name, cell) for name, cell in architectures().items()]
    numbers = {name: st.column_config.TextColumn(alignment="right") for name in list(rows[0])[1:]}
    st.dataframe(rows, hide_index=True, column_config=numbers, alt="Architectures side by side")
    st.caption(
        "By formula, for 32 units and one input. “Kept for learning”: 50 steps and a batch of 32. Cost measures time on this "
        "machine; Compare shows which one is better on your data."
    )


def _facts(name: str, cell: Cell) -> dict[str, str]:
    """Return a row of the comparison, its numbers as a reader sees them."""
    kept = activation_bytes(NetworkSize(architecture=name, hidden_size=32), 50, 32)
    parameters = cell.parameter_count(1, 32)
    return {
        "Architecture": cell.title,
        "Year": str(cell.year),
        "Gates": str(sum(gate.kind == "gate" for gate in cell.gates)),
        "States": str(len(cell.states) if cell.recurrent else 0),
        "Parameters": grouped(parameters),
        "Weights (kB)": f"{parameters * BYTES_PER_WEIGHT / 1000:.3g}",
        "Kept for learning (kB)": grouped(kept / 1000),
        "FLOPs per step": grouped(cell.flops_per_step(1, 32)),
    }


def show_takeaways() -> None:
    """Draw the takeaways, each with the findings it rests on."""
    st.markdown("\n".join(f"- {text} {_published(names)}" for text, names in TAKEAWAYS))


def show_reading() -> None:
    """Draw the reading list."""
    st.markdown("\n".join(f"- **{who}.** {what}" for who, what in READING))


def _published(names: Sequence[str]) -> str:
    """Return links to the findings that a takeaway rests on."""
    known = findings()
    sources = [
        f"[{known[name].source.authors.split(',')[0].split(' and ')[0]} {known[name].source.year}](findings?finding={name})"
        for name in names
    ]
    return f"({', '.join(sources)})"
