"""You compute in single precision and only then return to double: the digits are lost by then."""

TASK = "1.2"


def gaussian_kl(mean, log_var):
    m, v = mean.float(), log_var.float()
    return (0.5 * (m**2 + v.exp() - 1 - v)).to(mean.dtype)
