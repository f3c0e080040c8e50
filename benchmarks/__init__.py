"""Benchmarks that print their own figures: ``python -m benchmarks``. The tests never run them."""
