"""What changed between two tables: columns, and rows matched by key columns or counted as whole rows.

Rows and values are compared by 64-bit hashes, as in `profile`: two columns of hashes and their order are in
memory and never whole tables. Ten million rows on each side meet a false match with a chance of 1 to 100,000.
"""

from apps.compute.difference.result import Change, ColumnChange, Row, SetAside, TableDifference
from apps.compute.difference.rows import EXAMPLES, MOST_KEYS, difference
from apps.compute.difference.schema import Field, Retyped, SchemaDifference, schema_difference

__all__ = [
    "EXAMPLES",
    "MOST_KEYS",
    "Change",
    "ColumnChange",
    "Field",
    "Retyped",
    "Row",
    "SchemaDifference",
    "SetAside",
    "TableDifference",
    "difference",
    "schema_difference",
]
