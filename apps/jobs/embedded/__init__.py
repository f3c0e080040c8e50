"""The embedded services: PostgreSQL, Valkey and the portal's own processes, run from one data folder.

Nothing here imports Django: the services must stand before the settings can name a database.
"""
