"""What the pages of monitoring show, from rows to words, figures and tables."""
