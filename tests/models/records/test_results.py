"""Results: repeats of a test, baselines of each repeat, and what version 0.1 wrote."""

import json
from dataclasses import replace

from models.records.results import Stretch, mean_baselines
from models.store.sql import codec
from tests.models.records.samples import a_result, a_spec, an_experiment_result, the_runs


def test_mean_baselines_keeps_what_every_repeat_has() -> None:
    """A predictor that one repeat lacks has no mean."""
    repeats = ({"A": {"rmse": 1.0}, "B": {"rmse": 2.0}}, {"A": {"rmse": 3.0}})
    assert mean_baselines(repeats) == {"A": {"rmse": 2.0}}
    assert mean_baselines(()) == {}


def test_baselines_of_a_repeat_are_its_own_or_the_shared_ones() -> None:
    """Results of version 0.1 have one split and so one set of baselines."""
    result = an_experiment_result()
    assert result.baselines_of(1) == result.baselines
    own = replace(result, repeat_baselines=({"A": {"rmse": 1.0}}, {"A": {"rmse": 2.0}}))
    assert own.baselines_of(1) == {"A": {"rmse": 2.0}}


def test_a_row_of_version_0_1_is_read_as_one_split() -> None:
    """Rows without stretches, tried rates and baselines of repeats open; each repeat has a number of its own."""
    result = a_result(the_runs(a_spec())[0])
    plain = json.loads(codec.to_json(codec.result_to_plain(result)))
    for seed in plain["seeds"]:
        del seed["stretch"], seed["stretch_index"]
    del plain["run"]["tried"]
    read = codec.result_from_plain(plain, result.spec.experiment)
    assert [(seed.stretch, seed.stretch_index) for seed in read.seeds] == [(None, 0), (None, 1)]
    assert read.spec.tried == ()
    assert codec.baselines_from_json('{"Mean": {"rmse": 0.5}}') == ({"Mean": {"rmse": 0.5}}, ())


def test_stretches_and_tried_rates_survive_json() -> None:
    """Positions may be dates or numbers; a rate that diverged has an infinite loss."""
    run = replace(the_runs(a_spec())[0], tried=((0.001, 0.5), (0.1, float("inf"))))
    result = a_result(run)
    seeds = (result.seeds[0], replace(result.seeds[1], stretch=Stretch(1990.0, 1999.0)))
    plain = json.loads(codec.to_json(codec.result_to_plain(replace(result, seeds=seeds))))
    read = codec.result_from_plain(plain, run.experiment)
    assert [seed.stretch for seed in read.seeds] == [Stretch("1990", "1994"), Stretch(1990.0, 1999.0)]
    assert read.spec.tried == run.tried
