"""The ledger stands on runs that were really evaluated: the same fixtures."""

from tests.evaluations.conftest import evaluate, finish, owner, project, read, sentiment

__all__ = ["evaluate", "finish", "owner", "project", "read", "sentiment"]
