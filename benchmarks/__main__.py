"""Run every benchmark."""

from __future__ import annotations

from benchmarks import classification, drift, portfolio, regression

classification.main()
regression.main()
drift.main()
portfolio.main()
