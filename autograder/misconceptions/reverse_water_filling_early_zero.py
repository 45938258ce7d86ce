"""A little below the total variance you call the rate 0: it is 0 only from there on."""

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")
    v = variances.double()
    total = v.sum().item()
    if distortion >= 0.999 * total:
        return WaterFilling(0.0, v, v.max().item())
    lo, hi = 0.0, v.max().item()
    for _ in range(200):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if v.clamp(max=mid).sum() < distortion else (lo, mid)
    if distortion == 0:
        hi = 0.0
    dist = v.clamp(max=hi)
    return WaterFilling(gaussian_rate(v, dist).sum().item(), dist, hi)
