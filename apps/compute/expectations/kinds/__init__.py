"""The kinds of expectations. Importing this package fills the registry, in the order of the offer."""

from apps.compute.expectations.kinds import types, values, relation, keys, wholes  # noqa: F401, I001
