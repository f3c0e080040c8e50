"""The worker's side of each question: from the run's table to an `Outcome`."""
