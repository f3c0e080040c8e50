"""Run every benchmark."""

from __future__ import annotations

from benchmarks import classification, portfolio, regression

classification.main()
regression.main()
portfolio.main()
