"""Networks that train many replicas at once.

MKL rounds a matrix product in another way when it lies at another place in memory, unless it is asked not to. It reads this
variable at its first product, so it is set where every process that trains comes by.
"""

import os

os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")
