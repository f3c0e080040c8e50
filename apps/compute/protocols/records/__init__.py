"""The named protocols of evaluation under distribution shift, as their reference projects define them.

Light: pages, forms and the API read these records; only a worker imports the modules that judge.
"""

from __future__ import annotations

from collections.abc import Mapping

from apps.compute.protocols.records.record import Part, Protocol
from apps.compute.protocols.records.shifts import CLASS_MEASURES, DISPLACEMENTS, NUMBER_MEASURES, SHIFTS
from apps.compute.protocols.records.single_cell import SINGLE_CELL
from apps.compute.protocols.records.wilds import WILDS

__all__ = ["CLASS_MEASURES", "DISPLACEMENTS", "NUMBER_MEASURES", "PROTOCOLS", "Part", "Protocol"]

#: By their keys, in the order in which they are offered.
PROTOCOLS: Mapping[str, Protocol] = {protocol.key: protocol for protocol in (*WILDS, *SHIFTS, *SINGLE_CELL)}
