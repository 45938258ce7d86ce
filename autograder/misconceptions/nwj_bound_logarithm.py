"""You take the logarithm of the marginal term: that is the DV bound."""

import math

TASK = "3.4"


def nwj_bound(joint_scores, marginal_scores):
    return joint_scores.mean() - marginal_scores.logsumexp(0) + math.log(len(marginal_scores))
