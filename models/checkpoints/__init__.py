"""Networks trained elsewhere: their files read within bounds, their layers recognised and converted."""
