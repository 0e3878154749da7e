"""A floor under the figures on documents that nobody developed on (see tests/gold/unseen/README.md): scores only."""

from __future__ import annotations

from pathlib import Path

import siga_nlp as sg

UNSEEN = Path(__file__).parent / "gold" / "unseen"
# found F1, strict F1, a little below the figures of the day
FLOORS = {"measured": (0.91, 0.50), "modal": (0.90, 0.58)}


def test_figures_on_unseen_documents_stay_above_their_floors() -> None:
    tiers = sg.evaluate(UNSEEN, text=UNSEEN / "texts").tiers
    figures = {tier: (score.found["f1"], score.exact["f1"]) for tier, score in tiers.items()}
    below = {tier: f for tier, f in figures.items() if any(x < least for x, least in zip(f, FLOORS[tier], strict=True))}
    assert below == {}, "a change lost rows of a kind that the documents it was made on do not show"
