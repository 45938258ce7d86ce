def reverse_water_filling(variances: Tensor, distortion: float) -> WaterFilling:
    low, high = 0.0, variances.max().item()
    while abs(variances.clamp(max=(low + high) / 2).sum().item() - distortion) > 0:
        middle = (low + high) / 2
        if variances.clamp(max=middle).sum().item() > distortion:
            high = middle
        else:
            low = middle
    distortions = variances.clamp(max=(low + high) / 2)
    rate = gaussian_rate(variances, distortions).sum().item()
    return WaterFilling(rate, distortions, (low + high) / 2)
