"""Run every benchmark."""

from __future__ import annotations

from benchmarks import classification, drift, monitoring, portfolio, regression

classification.main()
regression.main()
drift.main()
monitoring.main()
portfolio.main()
