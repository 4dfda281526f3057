"""Fused kernels in processes of their own: other instruction sets, no numba, memory of a worker."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from models.engine.engine import Engine
from models.spec.experiment_settings import ExperimentSpec
from models.spec.plan import plan_for
from models.store.sql.in_memory import MemoryStore
from tests.models.engine.conftest import final
from tests.timing import PATIENCE

pytestmark = pytest.mark.slow

MAX_MEGABYTES = 640
REPORT = """
import json, torch
torch.set_num_threads(1)
from models.networks.selection import choose, warm
from models.cells import get_cell
said = warm()
chosen = choose(get_cell("gru"))
found = {"said": said, "name": chosen.name, "notice": chosen.notice}
if chosen.name == "fused":
    from models.kernels.tile import VECTOR_BYTES
    found["bytes"] = VECTOR_BYTES
print(json.dumps(found))
"""


def report(code: str = REPORT, **environment: str) -> dict[str, Any]:
    """Run code in a fresh process and return the JSON it prints."""
    surroundings = os.environ | {"PYTHONPATH": os.getcwd(), "OMP_NUM_THREADS": "1"} | environment
    done = subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize(
    ("processor", "features", "size"),
    [("haswell", "+avx,+avx2,+fma", 32), ("generic", "", 16)],
    ids=["avx2", "generic"],
)
def test_kernels_are_right_with_shorter_registers(processor: str, features: str, size: int) -> None:
    """Compiled for processors without AVX-512, the kernels pass the same check."""
    cpu = Path("/proc/cpuinfo")
    if features and not (cpu.exists() and " avx2 " in cpu.read_text(encoding="utf-8")):
        pytest.skip("this processor cannot run AVX2 code")
    found = report(NUMBA_CPU_NAME=processor, NUMBA_CPU_FEATURES=features)
    assert found["bytes"] == size
    assert found["said"].startswith("Fused kernels ready")


def test_process_without_numba_trains_with_the_stock_kernels() -> None:
    """Where numba cannot be imported, the choice says so."""
    found = report("import sys; sys.modules['numba'] = None\n" + REPORT)
    assert found["name"] == "batched"
    assert "numba cannot be imported" in found["notice"]
    assert "numba cannot be imported" in found["said"]


def test_worker_memory_stays_where_it_is() -> None:
    """After five seeds of 64 units the worker is below its bound, and further experiments add no more than their data."""
    engine = Engine(MemoryStore())
    engine.start()
    try:
        sizes = [worker_megabytes(engine, seed) for seed in range(4)]
    finally:
        engine.close()
    assert max(sizes) < MAX_MEGABYTES, sizes
    assert min(sizes[2:]) - sizes[1] < 40, sizes  # the data of this experiment and of the one before: 20 MB each


def worker_megabytes(engine: Engine, seed: int) -> float:
    """Train LSTM and GRU with five seeds and return what the worker still holds once it rests."""
    spec = ExperimentSpec(dataset="adding", hidden_size=64, seeds=5, updates=20, evaluations=2, seed=seed)
    experiment = engine.submit(plan_for(spec))
    assert final(engine, experiment).status == "finished"
    worker = psutil.Process(engine.call("tests.models.engine.fake:process").result(PATIENCE))
    held = []
    for _ in range(10):
        held.append(worker.memory_info().rss)
        time.sleep(0.1)
    return min(held) / 2**20


TRAIN = """
import json
from models.engine.run_here import run_experiment
from tests.models.engine.training import digest, small_spec
print(json.dumps({"digest": digest(run_experiment(small_spec()))}))
"""


def test_first_training_of_an_installation_has_the_bits_of_every_later_one(tmp_path: Path) -> None:
    """Kernels that were just built and kernels from the disk cache train to the same bits."""
    folder = tmp_path / "cache"
    folder.mkdir(mode=0o700)
    surroundings = {"NUMBA_CACHE_DIR": str(folder), "GATESCOPE_KERNEL": "fused"}
    assert report(TRAIN, **surroundings) == report(TRAIN, **surroundings)
