"""The version of this program; pyproject.toml and CITATION.cff say the same."""

VERSION = "0.2.0"
