"""You refuse a negative total, not a negative variance: look at each."""

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or variances.sum() < 0:
        raise ValueError("negative")
    v = variances.double().clamp(min=0)
    if distortion >= v.sum():
        return WaterFilling(0.0, v, v.max().item())
    lo, hi = 0.0, v.max().item()
    for _ in range(200):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if v.clamp(max=mid).sum() < distortion else (lo, mid)
    dist = v.clamp(max=hi if distortion else 0.0)
    return WaterFilling(gaussian_rate(v, dist).sum().item(), dist, hi if distortion else 0.0)
