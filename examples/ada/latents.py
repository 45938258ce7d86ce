def interpolate(z_start: Tensor, z_end: Tensor, steps: int) -> Tensor:
    weights = torch.arange(steps, dtype=z_start.dtype) / (steps - 1)
    return torch.stack([torch.lerp(z_start, z_end, weight) for weight in weights])
