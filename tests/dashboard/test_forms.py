"""The form: a widget for every field, and the spec that they make."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import forms, state
from data import fields
from data.catalog import catalogue
from models.cells import architectures
from models.spec.experiment_settings import ExperimentSpec
from tests.dashboard.conftest import OpenPage
from tests.dashboard.test_compare_page import address


def draw_field(info: fields.FieldInfo):
    """Return values of a numeric field."""
    if info.kind == "integer":
        return st.integers(int(info.low), int(info.high))
    return st.floats(info.low, info.high, allow_nan=False).map(lambda value: float(f"{value:.6g}"))


def specs():
    """Return specs of every dataset with any settings."""
    known = {name: info for name, info in fields.infos(ExperimentSpec).items() if info.kind in ("integer", "real")}
    values = st.fixed_dictionaries({name: draw_field(info) for name, info in known.items()})
    chosen = st.lists(st.sampled_from(list(architectures())), min_size=1, max_size=4, unique=True)
    return st.builds(
        lambda dataset, names, numbers: ExperimentSpec(dataset=dataset, architectures=tuple(names), **numbers),
        st.sampled_from(list(catalogue())),
        chosen,
        values,
    )


@given(specs())
@settings(max_examples=200, deadline=None)
def test_link_holds_the_whole_spec(spec: ExperimentSpec) -> None:
    """Every spec survives its link."""
    assert ExperimentSpec.from_query(state.link(spec)) == spec


def test_form_round_trip(open_page: OpenPage) -> None:
    """A spec of unusual values passes through every widget unchanged."""
    spec = ExperimentSpec(
        dataset="sunspots",
        options=(("window", 13), ("horizon", 3)),
        architectures=("rnn", "lstm"),
        fairness="same_parameters",
        hidden_size=17,
        layers=2,
        seeds=1,
        updates=123,
        learning_rate=0.0123,
        batch_size=9,
        dropout=0.25,
        forget_bias=-0.5,
        initialisation="chrono",
        encoder_size=5,
        optimiser="sgd",
        clip=0.7,
        patience=11,
        evaluations=7,
        seed=42,
    )
    page = open_page(**state.link(spec))
    assert not page.exception
    assert not page.warning
    assert address(page) == spec


@pytest.mark.parametrize("dataset", list(catalogue()))
def test_form_offers_every_option_of_every_dataset(open_page: OpenPage, dataset: str) -> None:
    """Choosing a dataset draws its options, each with its help."""
    page = open_page(dataset=dataset)
    assert not page.exception
    drawn = {
        widget.key
        for kind in ("number_input", "slider", "selectbox", "toggle", "text_input")
        for widget in page.get(kind)
    }
    shown = {name for name, info in fields.infos(catalogue()[dataset].Options).items() if info.group != "hidden"}
    assert {state.option_widget(dataset, name) for name in shown} <= drawn


def test_scale_has_marks_within_bounds_and_the_value_of_a_link() -> None:
    """A logarithmic scale is even in decades, stays inside, and offers a value between marks."""
    info = fields.infos(ExperimentSpec)["learning_rate"]
    marks = forms.scale(info, 0.00042)
    assert (marks[0], marks[-1]) == (1e-5, 1.0)
    assert 0.00042 in marks
    assert 0.003 in marks
    assert marks == sorted(set(marks))
