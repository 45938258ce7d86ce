def reverse_water_filling(variances: Tensor, distortion: float) -> WaterFilling:
    level = distortion / len(variances)
    distortions = variances.clamp(max=level)
    return WaterFilling(gaussian_rate(variances, distortions).sum().item(), distortions, level)
