"""How a live system stands: lights and alerts, from rows alone. `judge` is the only writer of both."""
