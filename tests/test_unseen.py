"""A floor under the figures on documents that were written apart from the rules: scores only, no single statement.

`tests/gold/sealed/README.md` and `tests/gold/unseen/README.md` say how they came about.
"""

from __future__ import annotations

from pathlib import Path

import pytest

import siga_nlp as sg

GOLD = Path(__file__).parent / "gold"
# found F1, strict F1, a little below the figures of the day
FLOORS = {
    "sealed": {"measured": (0.95, 0.87), "modal": (0.95, 0.80)},
    "unseen": {"measured": (0.95, 0.76), "modal": (0.92, 0.70)},
}


@pytest.mark.parametrize("folder", FLOORS)
def test_figures_stay_above_their_floors(folder: str) -> None:
    tiers = sg.evaluate(GOLD / folder, text=GOLD / folder / "texts").tiers
    figures = {tier: (score.found["f1"], score.exact["f1"]) for tier, score in tiers.items()}
    floors = FLOORS[folder]
    below = {tier: f for tier, f in figures.items() if any(x < least for x, least in zip(f, floors[tier], strict=True))}
    assert below == {}, "a change lost rows of a kind that the documents it was made on do not show"
