"""A file of 69,680 rows and 7 columns trains with a window and a horizon of 96 in a bounded process."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

MAX_MEGABYTES = 600
ROWS = 69_680
CHILD = """
import json, sys
from pathlib import Path
from models.engine.run_here import _plan
from models.spec.experiment_settings import ExperimentSpec
from models.worker import execute

content = Path(sys.argv[1]).read_bytes()
spec = ExperimentSpec.from_dict(json.loads(sys.argv[2]))
execute.repeat_baselines(spec, content)
results = [
    execute.run_trainer(run, emit=lambda record: None, should_stop=lambda: False, content=content)
    for run in _plan(spec, content)
]
lines = Path("/proc/self/status").read_text().splitlines()  # `ru_maxrss` would be the parent's if that was larger
peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
print(json.dumps({"megabytes": peak, "status": [run.status for run in results]}))
"""


def content() -> bytes:
    """Return seven columns of numbers every 15 minutes, by formula."""
    rows = np.arange(ROWS)
    noise = np.random.default_rng(0).normal(0, 0.5, (ROWS, 7))
    frame = pd.DataFrame(
        {"date": pd.date_range("2016-07-01", periods=ROWS, freq="15min").strftime("%Y-%m-%d %H:%M:%S")}
    )
    for place, name in enumerate(("HUFL", "HULL", "MUFL", "MULL", "LUFL", "LULL", "OT")):
        frame[name] = np.round(10 + 5 * np.sin(rows / 96 * 2 * np.pi + place) + noise[:, place], 3)
    return frame.to_csv(index=False).encode()


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak stands elsewhere on other systems")
@pytest.mark.parametrize("resampling", ["start", "data"])
def test_a_long_horizon_trains_in_bounded_memory(resampling: str, tmp_path: Path) -> None:
    """LSTM and GRU with two repeats train, one after the other as in a worker, and the process stays below its bound."""
    from data.uploads.command_line import own_content

    own = own_content(content(), {"window": 96, "horizon": 96, "target": "OT"}, "series", "transformer.csv")
    path = tmp_path / "transformer.csv"
    path.write_bytes(own.content)
    settings = {"dataset": own.dataset, "options": own.options, "architectures": ["lstm", "gru"], "hidden_size": 32}
    settings |= {"seeds": 2, "updates": 3, "evaluations": 1, "resampling": resampling}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), json.dumps(settings)], capture_output=True, text=True, check=True
    )
    found = json.loads(done.stdout.splitlines()[-1])
    assert found["status"] == ["finished", "finished"]
    assert found["megabytes"] < MAX_MEGABYTES
