"""You leave small variances out of the rate: at a low water level they cost nats too."""

from rdlab.rate_distortion import WaterFilling, gaussian_rate

TASK = "2.2"


def reverse_water_filling(variances, distortion):
    if distortion < 0 or (variances < 0).any():
        raise ValueError("negative")
    v = variances.double()
    if distortion >= v.sum():
        return WaterFilling(0.0, v, v.max().item())
    s = v.sort(descending=True).values
    level = distortion / len(v)
    for k in range(len(s), 0, -1):
        level = (distortion - s[k:].sum().item()) / k
        if level <= s[k - 1]:
            break
    dist = v.clamp(max=level)
    return WaterFilling(gaussian_rate(v[v > 1e-4], dist[v > 1e-4]).sum().item(), dist, level)
