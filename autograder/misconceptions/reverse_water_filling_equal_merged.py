"""You count equal variances once: each component costs its own nats."""

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")
    v = variances.double()
    if distortion >= v.sum():
        return WaterFilling(0.0, v, v.max().item())
    s = v.unique().flip(0)
    for k in range(len(s), 0, -1):
        level = (distortion - v[v < s[k - 1]].sum().item()) / (v >= s[k - 1]).sum().item()
        if level <= s[k - 1]:
            break
    dist = v.clamp(max=level)
    return WaterFilling(gaussian_rate(s, s.clamp(max=level)).sum().item(), dist, level)
