"""You leave out the incomplete last batch. Its images belong to the data set as well."""

from rdlab.evaluation import rate_and_distortion as exact

TASK = "1.4"


def rate_and_distortion(model, batches):
    batches = list(batches)
    largest = max((len(x) for x in batches), default=0)
    return exact(model, [x for x in batches if len(x) == largest])
