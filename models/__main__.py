"""`python -m models ...`: train, compare, list and measure from a terminal, through the same code as the pages."""

import sys

from models.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
