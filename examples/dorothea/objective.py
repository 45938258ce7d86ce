def beta_vae_loss(x: Tensor, x_hat: Tensor, mean: Tensor, log_var: Tensor, beta: float) -> Tensor:
    distortion = ((x - x_hat) ** 2).mean()
    rate = gaussian_kl(mean, log_var).sum(1).mean()
    return distortion + beta * rate
