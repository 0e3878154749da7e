"""How far two coders agree beyond chance, and how sure a figure is. Knows labels and counts, nothing of requirements.

Labels are compared as they are (nominal). Intervals are bootstrap percentile intervals, 95 %: whole documents are
drawn with replacement, since statements of one document resemble each other. The same seed gives the same figures.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

Interval = tuple[float, float]
FEW = 10
"""With fewer documents than this, intervals are too narrow to lean on; reports say so."""
_AT_ONCE = 200  # replicates held in memory together


@dataclass(frozen=True, slots=True)
class Agreement:
    """Share of units with equal labels, Cohen's κ, Krippendorff's α (nominal); None where they are not defined.

    κ and α are not defined where both coders give one and the same label to all units: chance explains everything.
    """

    units: int
    share: float | None
    kappa: float | None
    alpha: float | None
    kappa_interval: Interval | None = None
    alpha_interval: Interval | None = None


def agreement(documents: Sequence[Sequence[tuple[str, str]]], *, replicates: int = 0, seed: int = 0) -> Agreement:
    """Agreement of two coders: for each document, the labels that each unit got from both.

    Krippendorff, Content Analysis (α, nominal, two coders, no value missing); Cohen 1960 (κ).

    >>> found = agreement([[("a", "a"), ("a", "b")], [("b", "b"), ("b", "b")]])
    >>> found.units, found.share, round(found.kappa, 3), round(found.alpha, 3)
    (4, 0.75, 0.5, 0.533)
    """
    import numpy as np

    units = sum(map(len, documents))
    if not units:
        return Agreement(0, None, None, None)
    codes: dict[str, int] = {}
    for pairs in documents:
        for pair in pairs:
            for value in pair:
                codes.setdefault(value, len(codes))
    first, second = (np.zeros((len(documents), len(codes))) for _ in range(2))
    same = np.zeros(len(documents))
    for n, pairs in enumerate(documents):
        for a, b in pairs:
            first[n, codes[a]] += 1
            second[n, codes[b]] += 1
            same[n] += a == b

    def both(weights: Any) -> Any:
        count = weights @ first.sum(1)
        a, b = weights @ first, weights @ second
        seen = a + b
        with np.errstate(divide="ignore", invalid="ignore"):
            observed = weights @ same / count
            by_chance = (a * b).sum(1) / count**2
            expected = 1 - (seen * (seen - 1)).sum(1) / (2 * count * (2 * count - 1))
            kappa = (observed - by_chance) / np.where(by_chance < 1 - 1e-12, 1 - by_chance, np.nan)
            alpha = 1 - (1 - observed) / np.where(expected > 1e-12, expected, np.nan)
        return np.stack([kappa, alpha], 1)

    kappa, alpha = (None if v != v else float(v) for v in both(np.ones((1, len(documents))))[0])
    kappas, alphas = intervals(both, len(documents), replicates=replicates, seed=seed) or (None, None)
    return Agreement(
        units, float(same.sum() / units), kappa, alpha, kappas if kappa is not None else None,
        alphas if alpha is not None else None,
    )  # fmt: skip


def intervals(
    figures: Callable[[Any], Any], documents: int, *, replicates: int, seed: int
) -> list[Interval | None] | None:
    """95 % intervals of figures that follow from documents: ``figures`` takes an array (replicate × document, how
    often each was drawn) and gives one (replicate × figure). None where there is nothing to draw from.

    >>> import numpy as np
    >>> right, rows = np.array([9, 5, 8]), np.array([10, 10, 10])
    >>> intervals(lambda drawn: (drawn @ right / (drawn @ rows))[:, None], 3, replicates=500, seed=0)
    [(0.5, 0.9)]
    """
    import numpy as np

    if documents < 2 or replicates < 1:
        return None
    chance = random.Random(seed)  # its stream is the same on every system and version
    found = []
    for begin in range(0, replicates, _AT_ONCE):
        drawn = np.zeros((min(_AT_ONCE, replicates - begin), documents))
        for row in drawn:
            for n in chance.choices(range(documents), k=documents):
                row[n] += 1
        found.append(figures(drawn))
    values = np.concatenate(found)
    bounds: list[Interval | None] = []
    for column in values.T:
        defined = column[~np.isnan(column)]
        bounds.append(
            (float(np.quantile(defined, 0.025)), float(np.quantile(defined, 0.975))) if len(defined) else None
        )
    return bounds
