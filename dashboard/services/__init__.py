"""What the server holds for all visitors. The only user of Streamlit's caches.

The modules call each other through this package, so that a test can put something else in the place of any function.
"""

from dashboard.services.analyses import analyse, answer, drawn, known_result
from dashboard.services.datasets import content, data_with, inspection, lacks_file, report, task_data, update_flops
from dashboard.services.planning import cost, measure, measured, plan
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
from dashboard.services.visitors import pace, seated, seats

__all__ = [
    "allowed",
    "analyse",
    "answer",
    "content",
    "cost",
    "data_with",
    "drawn",
    "engine",
    "health",
    "inspection",
    "known_result",
    "lacks_file",
    "measure",
    "measured",
    "own_experiments",
    "pace",
    "plan",
    "prepare",
    "report",
    "seated",
    "seats",
    "spec_of",
    "store",
    "sweeps",
    "task_data",
    "update_flops",
    "view",
    "warm_up",
]
