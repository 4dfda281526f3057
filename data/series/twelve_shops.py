"""Twelve shops with daily sales, made by a formula: one model over all of them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from data.catalog import Claim, dataset
from data.fields import Value
from data.panel import Panel, Static
from data.series.panel_base import PanelDataset, Series, scale_field, split_field
from data.task import Array, generator
from data.time_series import TimeSeries
from data.window_options import WindowPlan, horizon_field, window_field

SHOPS, DAYS = 12, 420
PLANNED = 14  # days after the last one whose promotions are known
_START = np.datetime64("2023-01-02")  # a Monday
_REGIONS = ("north", "south", "west")


@dataclass(frozen=True, slots=True, kw_only=True)
class TwelveShopsOptions:
    """Options of the shops."""

    window: int = window_field(14, 2, 60, unit="days")
    horizon: int = horizon_field(1, PLANNED, unit="days")
    split_by: str = split_field()
    scale_by: str = scale_field()


@dataset
class TwelveShops(PanelDataset):
    """Daily sales of twelve shops of different size, opened at different dates.

    Sales of a day are size * (weekday + season of the region + 0.5 * promotion - 0.25 * promotion of the day before + noise).
    The noise carries over from day to day (AR(1), 0.6). Promotions are planned: the network is told tomorrow's, and those of two weeks are known after the last day.
    """

    name = "twelve_shops"
    title = "Twelve shops"
    description = (
        "Daily sales of twelve shops, made by a formula; one model forecasts all, and knows tomorrow's promotion."
    )
    lesson = "One model over all shops learns the week and the promotions from each of them; hold shops out to ask about a new one."
    source = "generated: weekday, season, planned promotions and noise that carries over"
    licence = "generated"
    family = "synthetic"
    Options = TwelveShopsOptions
    season = 7
    recommended: ClassVar[Mapping[str, Value]] = {
        "hidden_size": 32,
        "updates": 600,
        "learning_rate": 0.003,
        "batch_size": 64,
        "evaluations": 30,
    }
    claims = (
        Claim(
            statement="One recurrent network over many related series forecast better than a model of each.",
            source="Salinas, Flunkert, Gasthaus and Januschowski 2020, DeepAR, from memory, not checked",
        ),
    )

    def series(self, options: TwelveShopsOptions, seed: int) -> Series:
        """Draw the shops; only when each opened does not depend on the seed."""
        random = generator(seed, "twelve_shops")
        sizes = np.round(80 * np.exp(random.normal(0, 0.9, SHOPS)))
        regions = np.array([_REGIONS[shop % len(_REGIONS)] for shop in range(SHOPS)])
        opened = generator(0, "twelve_shops.opened").integers(0, DAYS // 4, SHOPS)
        planned = generator(seed, "twelve_shops.planned")
        shops = tuple(
            replace(_shop(random, sizes[shop], shop % len(_REGIONS), int(opened[shop])), future=_plan(planned))
            for shop in range(SHOPS)
        )
        static = Static(names=("size",), numbers=np.log(sizes)[:, None], categories=("region",), texts=regions[:, None])
        names = tuple(f"shop {shop + 1:02d}" for shop in range(SHOPS))
        plan = WindowPlan(
            window=options.window,
            targets=("sales",),
            inputs=("sales",),
            horizon=options.horizon,
            known=("promotion", "weekday sine", "weekday cosine"),
        )
        return Series(panel=Panel(series=shops, names=names, static=static), plan=plan)


def _shop(random: np.random.Generator, size: float, region: int, opened: int) -> TimeSeries:
    days = np.arange(DAYS)
    weekday = days % 7
    week = np.array([0.9, 0.85, 0.9, 1.0, 1.25, 1.5, 0.6])[weekday]
    season = 0.2 * np.sin(2 * np.pi * (days / 365 + region / 3))
    promotion = np.repeat(random.random(DAYS // 3) < 0.25, 3).astype(np.float64)
    noise = np.zeros(DAYS)
    for day in range(1, DAYS):
        noise[day] = 0.6 * noise[day - 1] + 0.08 * random.normal()
    before = np.concatenate([[0.0], promotion[:-1]])
    sales = np.round(size * np.maximum(0.05, week + season + 0.5 * promotion - 0.25 * before + noise), 1)
    turn = 2 * np.pi * weekday / 7
    values = np.stack([sales, promotion, np.sin(turn), np.cos(turn)], axis=1)
    return TimeSeries(
        values=values[opened:],
        columns=("sales", "promotion", "weekday sine", "weekday cosine"),
        positions=np.datetime_as_string(_START + days)[opened:],
        units=("", "", "", ""),
        season=7,
    )


def _plan(random: np.random.Generator) -> Array:
    """Return what is known of the days after the last one: promotions and weekdays, no sales."""
    turn = 2 * np.pi * ((DAYS + np.arange(PLANNED)) % 7) / 7
    promotion = np.repeat(random.random(1 + PLANNED // 3) < 0.25, 3)[:PLANNED].astype(np.float64)
    return np.stack([np.full(PLANNED, np.nan), promotion, np.sin(turn), np.cos(turn)], axis=1)
