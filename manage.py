#!/usr/bin/env python
"""Django's command line for the portal."""

import os
import sys


def main() -> None:
    if sys.argv[1:] == ["up"]:
        # Before Django: its settings name a database that `up` has yet to start.
        from apps.jobs.embedded.portal import main as up

        sys.exit(up())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mlsd_portal.settings")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
