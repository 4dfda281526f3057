"""Names of data and target in titles and findings."""

from dataclasses import replace

import pytest

from models.analysis.wording import data_name, question, short_data_name
from models.spec.experiment_settings import ExperimentSpec
from models.spec.run import RunSpec


def own(dataset: str = "own_series", **options: object) -> ExperimentSpec:
    """Return settings for a visitor's file."""
    return ExperimentSpec(dataset=dataset, options=tuple({"content": "a" * 64, **options}.items()))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("spec", "title", "data"),
    [
        (ExperimentSpec(dataset="sunspots"), "LSTM and GRU on Sunspots, yearly", "Sunspots"),
        (own(file="sales.csv", target="Umsatz"), "LSTM and GRU forecast Umsatz from sales.csv", "Umsatz (sales.csv)"),
        (own(target="a, b"), "LSTM and GRU forecast a and b from your file", "a and b (your file)"),
        (own(file="s.csv", target="state", predict="classes"), "LSTM and GRU on state in s.csv", "state (s.csv)"),
        (own("own_sequences", file="m.csv", label="fault"), "LSTM and GRU on fault in m.csv", "fault (m.csv)"),
        (own("own_text", file="notes.txt"), "LSTM and GRU on notes.txt", "notes.txt"),
        (
            ExperimentSpec(dataset="seattle_forecast", architectures=("gru",)),
            "GRU forecasts Highest temperature from Seattle weather",
            "Highest temperature (Seattle weather)",
        ),
    ],
)
def test_question_names_target_and_data(spec: ExperimentSpec, title: str, data: str) -> None:
    """Title and finding say what is predicted and from which file, wherever these are chosen."""
    assert question(spec) == title
    assert data_name(spec) == data
    assert data.endswith(short_data_name(spec)) or f"({short_data_name(spec)})" in data


def test_name_of_a_file_changes_no_key() -> None:
    """The same bytes train to the same numbers under any name, so results are shared; the link holds the name."""
    named, other = own(file="sales.csv"), own(file="copy.csv")
    assert named.key() == other.key() == replace(named, options=(("content", "a" * 64),)).key()
    runs = [
        RunSpec(experiment=spec, architecture="gru", hidden_size=8, updates=5, learning_rate=0.1)
        for spec in (named, other)
    ]
    assert runs[0].key() == runs[1].key()
    assert ExperimentSpec.from_query(named.to_query()) == named
