"""One module for each question: its record with the check of its parameters. The worker's side of a question
stands in ``apps/analysis/working``, which the web process never imports.
"""
