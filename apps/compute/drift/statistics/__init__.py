"""The statistics, one module each. Importing this package fills `registry.TESTS`."""

from apps.compute.drift.registry import register
from apps.compute.drift.statistics import (
    chi_square,
    jensen_shannon,
    kolmogorov_smirnov,
    kullback_leibler,
    psi,
    wasserstein,
    z_test,
)

# The most used first: forms offer them in this order.
register(
    wasserstein.TEST,
    kolmogorov_smirnov.TEST,
    jensen_shannon.TEST,
    psi.TEST,
    chi_square.TEST,
    z_test.TEST,
    kullback_leibler.TEST,
)
