"""Getting deliveries to their receivers: the worker's side."""
