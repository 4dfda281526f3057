"""What teams bring in size: long texts, long windows, far horizons."""

import random

import pytest

from data.uploads.command_line import own_content
from models.errors import CapacityError
from models.spec.experiment_settings import ExperimentSpec
from models.spec.installation_limits import Limits
from models.spec.plan import Plan, plan_for
from models.worker import execute

CHARACTERS, DIFFERENT = 1_115_394, 65  # those of the plays that everybody trains on


def plays() -> bytes:
    """Return a text of that size and that many different characters, by formula."""
    draw, letters = random.Random(0), "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ3'!$&,-.:;?"
    words = ["".join(draw.choices(letters[:26], k=draw.randint(2, 9))) for _ in range(3_000)]
    lines = [
        f"{draw.choice(letters[26:52])}{' '.join(draw.choices(words, k=8))}{draw.choice(letters[52:])}"
        for _ in range(28_000)
    ]
    text = letters + "\n" + "\n".join(lines)
    assert len(text) >= CHARACTERS
    assert len(set(text[:CHARACTERS])) == DIFFERENT
    return text[:CHARACTERS].encode()


def plan(
    content: bytes, form: str, options: dict[str, object], limits: Limits, **settings: object
) -> tuple[Plan, bytes]:
    """Return the plan of an experiment on a file, and the bytes that a worker gets."""
    own = own_content(content, options, form, "file.txt")
    plain = {"dataset": own.dataset, "options": own.options, "rate_search": 0, "seeds": 1, "resampling": "start"}
    return plan_for(ExperimentSpec.from_dict(plain | settings), own.content, limits=limits), own.content


@pytest.mark.slow
def test_a_million_characters_train() -> None:
    """All of them are read, and a network learns from them within the usual limits."""
    planned, content = plan(
        plays(), "text", {}, Limits(), architectures=["gru"], hidden_size=16, updates=3, evaluations=1
    )
    planned.check()
    (run,) = planned.run_specs()
    result = execute.run_trainer(run, emit=lambda record: None, should_stop=lambda: False, content=content)
    assert result.status == "finished"
    assert 1 < result.seeds[0].test_loss < 6  # nats: ln 65 is 4.2


def test_long_window_and_far_horizon_are_planned_by_their_memory() -> None:
    """1,024 rows back and 720 ahead are allowed, and refused with the batch that would fit where memory is short."""
    rows = "\n".join(f"{row},{row % 97},{row % 31}" for row in range(6_000))
    sizes = {"window": 1_024, "horizon": 720, "target": "b"}
    content = f"t,a,b\n{rows}\n".encode()
    planned, _ = plan(content, "series", sizes, Limits(), hidden_size=32)
    assert planned.problems == ()
    refused, _ = plan(content, "series", sizes, Limits(megabytes=20.0), hidden_size=256, batch_size=512)
    with pytest.raises(CapacityError, match="MB of memory and 20 MB are allowed here: choose fewer hidden units"):
        refused.check()
