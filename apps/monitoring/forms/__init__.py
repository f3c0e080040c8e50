"""What people say on the pages of monitoring."""
