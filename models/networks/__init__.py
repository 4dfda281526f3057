"""Networks that train many replicas at once.

By default MKL rounds matrix products differently depending on their memory addresses. It reads this variable at its first
product, so it is set here, which every training process imports.
"""

import os

os.environ.setdefault("MKL_CBWR", "AUTO,STRICT")
