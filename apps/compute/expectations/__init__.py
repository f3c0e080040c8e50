"""Assumptions on a table that are checked, not hoped for: one registry of kinds, one check, suggestions."""

from apps.compute.expectations import kinds  # noqa: F401  fills the registry
from apps.compute.expectations.check import check
from apps.compute.expectations.records import Expectation, Other, Outcome, State
from apps.compute.expectations.registry import KINDS, ExpectationKind, describe, read
from apps.compute.expectations.suggest import Proposal, suggest

__all__ = [
    "KINDS",
    "Expectation",
    "ExpectationKind",
    "Other",
    "Outcome",
    "Proposal",
    "State",
    "check",
    "describe",
    "read",
    "suggest",
]
