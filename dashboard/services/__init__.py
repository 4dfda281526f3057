"""What the server keeps for all visitors. The only user of Streamlit's caches.

Pages call `services.engine()`; the modules here call each other. `singletons` < `datasets` < `planning` < `analyses`.
"""

from dashboard.services.analyses import analyse, answer, drawn, known_result
from dashboard.services.datasets import (
    content,
    data_with,
    forget_file,
    inspection,
    lacks_file,
    report,
    task_data,
    update_flops,
)
from dashboard.services.hourly_quotas import use
from dashboard.services.own_networks import load_own_task, own_networks, own_spec, own_task
from dashboard.services.planning import measure, measured, plan
from dashboard.services.singletons import (
    allowed,
    engine,
    health,
    own_experiments,
    prepare,
    spec_of,
    store,
    sweeps,
    view,
    warm_up,
)
from dashboard.services.visitors import admitted, pace, visitor_count
from dashboard.services.waits import expected_seconds, note_press, note_result

__all__ = [
    "admitted",
    "allowed",
    "analyse",
    "answer",
    "content",
    "data_with",
    "drawn",
    "engine",
    "expected_seconds",
    "forget_file",
    "health",
    "inspection",
    "known_result",
    "lacks_file",
    "load_own_task",
    "measure",
    "measured",
    "note_press",
    "note_result",
    "own_experiments",
    "own_networks",
    "own_spec",
    "own_task",
    "pace",
    "plan",
    "prepare",
    "report",
    "spec_of",
    "store",
    "sweeps",
    "task_data",
    "update_flops",
    "use",
    "view",
    "visitor_count",
    "warm_up",
]
