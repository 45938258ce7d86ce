def gaussian_kl(mean: Tensor, log_var: Tensor) -> Tensor:
    return mean**2 + log_var.exp() - 1 - log_var
