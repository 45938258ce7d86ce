"""Your search for the water level stops too early."""

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")
    v = variances.double()
    if distortion >= v.sum():
        return WaterFilling(0.0, v, v.max().item())
    if distortion == 0:
        return WaterFilling(float("inf"), v * 0, 0.0)
    lo, hi = 0.0, v.max().item()
    for _ in range(16):
        mid = (lo + hi) / 2
        lo, hi = (mid, hi) if v.clamp(max=mid).sum() < distortion else (lo, mid)
    dist = v.clamp(max=hi)
    return WaterFilling(gaussian_rate(v, dist).sum().item(), dist, hi)
