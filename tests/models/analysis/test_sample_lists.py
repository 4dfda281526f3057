"""Test samples as lists by date, text, class and error."""

import numpy as np
import pandas as pd

from models.analysis.disagreement import error_frame
from models.analysis.repeats import on_data_of
from models.analysis.sample_lists import CLASS, DATE, DIFFERENCE, ERROR, TEXT, listed, ways
from models.spec.recommended import recommended
from models.spec.repeats import repeat_data
from tests.dashboard.fakes import made_up_result

SPEC = recommended("sunspots", hidden_size=4, seeds=1, architectures=("lstm", "gru"))


def test_errors_put_the_worst_sample_first() -> None:
    """The order is that of the mean error, or of the difference; the label says both errors and the year."""
    data = repeat_data(SPEC, None, 0)
    errors = error_frame(on_data_of(made_up_result(SPEC), 0, data), data)
    wide = errors.pivot(index="sample", columns="architecture", values="error")
    assert listed(data, ERROR, errors)[0].sample == wide.mean(axis=1).idxmax()
    first = listed(data, DIFFERENCE, errors)[0]
    assert first.sample == (wide["lstm"] - wide["gru"]).abs().idxmax()
    assert data.test.positions is not None
    assert f"sample {first.sample}, {data.test.positions[first.sample]}" in first.label
    assert f"LSTM {wide['lstm'][first.sample]:.3g}" in first.label
    assert listed(data, ERROR, pd.DataFrame(columns=errors.columns)) == []


def test_dates_texts_and_classes_name_their_samples() -> None:
    """Each only where the task has it."""
    series = repeat_data(SPEC, None, 0)
    assert ways(series, 2) == [DATE, ERROR, DIFFERENCE]
    assert [one.label for one in listed(series, DATE)] == [str(year) for year in series.test.positions]
    names = repeat_data(recommended("first_names_sex"), None, 0)
    assert ways(names, 0) == [TEXT, CLASS]
    texts = listed(names, TEXT)
    letters = [names.vocabulary[token] for token in names.test.inputs[3, : names.test.lengths[3]]]
    assert texts[3] == (3, "".join(letters))
    order = [one.sample for one in listed(names, CLASS)]
    assert sorted(order) == list(range(len(names.test)))
    assert (np.diff(names.test.targets[order]) >= 0).all()
    assert listed(names, CLASS)[0].label.startswith(names.class_names[0])


def test_a_date_of_several_series_says_which() -> None:
    """The same day occurs in every shop."""
    shops = repeat_data(recommended("twelve_shops"), None, 0)
    labels = [one.label for one in listed(shops, DATE)]
    assert len(set(labels)) == len(labels)
