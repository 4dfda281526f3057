"""Random allowed settings, many of them at their bounds, given to the function behind the command line."""

import contextlib
import io
import os
import random
import re
import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

from data import fields
from data.catalog import catalogue
from models.cells import architectures
from models.cli.main import main
from models.spec.experiment_settings import ExperimentSpec
from tests.load.report import Outcome

SENTENCE = re.compile(r"^[^\n]{10,2000}[.?]$")
STOPPED, LONGEST = 130, 2.0  # exit status of Ctrl-C; seconds until it is pressed
COSTLY = ("hidden_size", "layers", "seeds", "updates", "batch_size", "encoder_size", "evaluations", "rate_search")


def specs(folder: Path, *, count: int, seed: int = 0) -> Outcome:
    """Run `compare` with random settings: each trains to a final state or is refused in a sentence."""
    outcome, draw, ends = Outcome("random settings"), random.Random(seed), Counter[str]()
    folder.mkdir(parents=True, exist_ok=True)
    with mock.patch.dict(os.environ, {"GATESCOPE_DATA_DIR": str(folder)}):
        for _ in range(count):
            line = ["compare", *arguments(draw)]
            end, told = answered(line)
            ends[end] += 1
            outcome.expect(end in ("trained", "refused", "stopped"), f"`{' '.join(line)[:600]}`: {told[-300:]}")
    outcome.numbers |= {"settings": count, **dict(ends)}
    outcome.expect(ends["trained"] * 20 > count, "hardly any of the settings were trained")
    return outcome


def answered(line: list[str]) -> tuple[str, str]:
    """Give a command line; return whether it `trained`, was `refused`, `stopped` or `broke`, and what was said."""
    out, errors = io.StringIO(), io.StringIO()
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(errors), _interrupted_after(LONGEST):
            status = main(line)
    except SystemExit as ended:
        status = int(ended.code or 0)
    except Exception as error:  # what the scenario looks for
        return "broke", f"{type(error).__name__}: {error}"
    told = errors.getvalue().strip()
    if status == STOPPED:
        return "stopped", ""
    if status == 0:
        return ("trained", "") if out.getvalue().strip() else ("broke", "nothing was printed")
    lines = [one for one in told.splitlines() if one and "%|" not in one]
    return ("refused" if lines and all(SENTENCE.match(one) for one in lines) else "broke"), told


@contextlib.contextmanager
def _interrupted_after(seconds: float) -> Iterator[None]:
    """Press Ctrl-C after some time, as somebody does who has waited long enough."""

    def press(*_: object) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGALRM, press)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def arguments(draw: random.Random) -> Iterator[str]:
    """Yield the arguments of one command: a dataset, its options, architectures and settings."""
    source = draw.choice([one for one in catalogue().values() if one.family != "own"])
    yield f"--dataset={source.name}"
    for name in draw.sample(list(architectures()), draw.choice((1, 2, 2, 3))):
        yield f"--architecture={name}"
    for name, info in fields.infos(source.Options).items():
        if draw.random() < 0.4 and info.kind != "text":
            yield f"--option={name}={value(info, draw)}"
    highest = draw.choice(COSTLY)  # one at a time, so that most of them can be trained
    for name, info in fields.infos(ExperimentSpec).items():
        if name in COSTLY:
            text = str(round(info.high if name == highest else info.low + draw.choice((0, 1, 2, 5)) % (info.high + 1)))
        elif draw.random() < 0.4:
            text = value(info, draw)
        else:
            continue
        yield f"--{name.replace('_', '-')}={text}"


def value(info: fields.FieldInfo, draw: random.Random) -> str:
    """Return an allowed value: a bound in two of three cases."""
    if info.kind == "choice":
        return draw.choice(info.choices)[0]
    if info.kind == "flag":
        return draw.choice(("true", "false"))
    chosen = draw.choice((info.low, info.high, draw.uniform(info.low, info.high)))
    return str(round(chosen)) if info.kind == "integer" else repr(float(chosen))
