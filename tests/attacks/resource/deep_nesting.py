"""Returns values nested deeper than any parser likes, and one that contains itself."""

TASK = "3.10"
HONEST = []


def information_ratio(label_information, information, minimum=0.05):
    value = 0.0
    for _ in range(100_000):
        value = [value]
    return value


def label_information(logits, labels):
    value = {}
    value["itself"] = (value,)
    return value
