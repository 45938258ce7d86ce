"""You look at how much the posterior means vary. A dimension may carry nats by its variance or by a
shifted mean as well: use the KL."""

TASK = "1.5"


def redundant_dimensions(mean, log_var, threshold=0.01):
    return (mean.var(0, correction=0) < threshold).nonzero().flatten()
