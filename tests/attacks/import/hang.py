"""Never comes to the end of its import."""

TASK = "3.8"
HONEST = []


def sandwich_bounds(z, mean, log_var):
    return 0.0, 0.0


while True:
    pass
