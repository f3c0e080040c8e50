"""Run every benchmark."""

from __future__ import annotations

from benchmarks import classification, drift, intake, monitoring, portfolio, regression

classification.main()
regression.main()
drift.main()
monitoring.main()
intake.main()
portfolio.main()
