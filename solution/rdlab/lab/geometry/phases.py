"""The phases of the KL term in the first steps of training. Given code."""

from statistics import fmean, median

EARLY = 60
"""Steps within which the burst and the collapse after it happen."""


def kl_step_phases(rates: list[float]) -> list[dict]:
    """Return the phases of R in the first steps of a training.

    Args:
        rates: R of the batch before each step, in nats; at least 10 of them.

    Returns:
        Name, first and last step (counted from 1) of each phase, in order: "silent" (the initial
        weights send nothing), "burst" (R shoots up), "collapse" (R falls to its lowest point),
        "sharp rise" (R climbs to 80 % of where it is at the end), "slow rise". Burst and collapse
        are left out where R falls by less than a third after its first peak.
    """
    smooth = [median(rates[max(0, i - 1) : i + 2]) for i in range(len(rates))]
    early = smooth[: min(EARLY, len(smooth))]
    falls = [max(early[: i + 1]) - value for i, value in enumerate(early)]
    valley = falls.index(max(falls))
    peak = early.index(max(early[: valley + 1]))
    if early[peak] - early[valley] < early[peak] / 3:
        valley = peak = 0
    start = next((i for i, rate in enumerate(smooth) if rate >= 0.1 * max(smooth[peak], 0.5)), 0)
    end = fmean(smooth[-max(1, len(smooth) // 10) :])
    risen = next((i for i in range(valley, len(smooth)) if smooth[i] >= 0.8 * end), len(smooth) - 1)
    edges = [("silent", start)]
    if valley:
        edges += [("burst", peak + 1), ("collapse", valley + 1)]
    edges += [("sharp rise", risen + 1), ("slow rise", len(smooth))]
    phases, first = [], 0
    for name, last in edges:
        if last > first:
            phases.append({"name": name, "first": first + 1, "last": last})
            first = last
    return phases
