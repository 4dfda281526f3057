"""The table of first names for two datasets: writing names, and telling the sex."""

import numpy as np
import pandas as pd

from data.embedded import embedded

SOURCE = "US Census Bureau 1990, as packaged in names 0.3"
LICENCE = "public domain"
LETTERS = tuple("abcdefghijklmnopqrstuvwxyz")


def first_names() -> pd.DataFrame:
    """Return each name once, sorted, with the sex that has it more often.

    Returns:
        Columns `name` (letters a to z), `sex` (`female` or `male`) and `both` (whether the census lists it for both).
    """
    table = pd.read_csv(embedded("us_first_names.csv"), keep_default_na=False)
    table["both"] = table["name"].duplicated(keep=False)
    ranked = table.sort_values(["name", "percent_of_sex_1990", "sex"], ascending=[True, False, True])
    once = ranked.drop_duplicates("name")[["name", "sex", "both"]].reset_index(drop=True)
    return once.astype({"both": np.bool_})
