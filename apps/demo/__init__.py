"""A lived-in portal from real, openly licensed data. Everything goes through the same services."""
