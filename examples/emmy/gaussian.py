def reparameterize(mean: Tensor, log_var: Tensor, noise: Tensor) -> Tensor:
    return mean + log_var.exp() * noise
