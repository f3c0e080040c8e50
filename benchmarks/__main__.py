"""Run every benchmark."""

from __future__ import annotations

from benchmarks import classification, regression

classification.main()
regression.main()
