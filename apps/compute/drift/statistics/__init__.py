"""The statistics, one module each. Importing this package fills `registry.TESTS`."""

from apps.compute.drift.registry import register
from apps.compute.drift.statistics import (
    anderson_darling,
    chi_square,
    cramer_von_mises,
    energy,
    fisher,
    g_test,
    hellinger,
    jensen_shannon,
    kolmogorov_smirnov,
    kullback_leibler,
    mann_whitney,
    psi,
    t_test,
    text_content,
    total_variation,
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
    hellinger.TEST,
    kullback_leibler.TEST,
    total_variation.TEST,
    t_test.TEST,
    mann_whitney.TEST,
    anderson_darling.TEST,
    cramer_von_mises.TEST,
    energy.TEST,
    fisher.TEST,
    g_test.TEST,
    text_content.ABSOLUTE,
    text_content.PERCENTILE,
)
