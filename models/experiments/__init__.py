"""The name under which version 0.1 kept what workers load. Only `models.experiments.preload` is left, for one version."""
