"""When a person may be written to: quiet hours and the daily digest, on the clock of their time zone."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from apps.notifications.models import Preference

DAY = timedelta(days=1)


def after_quiet(moment: datetime, zone: ZoneInfo, start: time, end: time) -> datetime:
    """``moment`` itself, or the end of the quiet hours that it lies in.

    They go from ``start`` (included) to ``end`` on the wall clock, over midnight when ``end`` is earlier.
    Where clocks jump over ``end``, it is the moment as far after the jump.
    """
    local = moment.astimezone(zone)
    clock = local.time()
    evening = start > end and clock >= start
    if not (evening or (clock < end and (start > end or clock >= start))):
        return moment
    day = local.date() + DAY if evening else local.date()
    # In an hour that comes twice, the end is meant that lies ahead.
    until = datetime.combine(day, end, zone).replace(fold=0 if evening else local.fold)
    return until.astimezone(moment.tzinfo)


def next_time(moment: datetime, zone: ZoneInfo, at: time) -> datetime:
    """The first moment after ``moment`` at which the wall clock shows ``at``."""
    day = moment.astimezone(zone).date()
    times = (datetime.combine(day + ahead * DAY, at, zone).astimezone(moment.tzinfo) for ahead in range(3))
    return next(time for time in times if time > moment)


def due_at(preference: Preference, moment: datetime) -> datetime:
    """When mail about something that happened at ``moment`` is to be sent."""
    zone = ZoneInfo(preference.zone)
    if preference.mail == Preference.Mail.DIGEST:
        moment = next_time(moment, zone, preference.digest_at)
    return not_before(preference, moment)


def not_before(preference: Preference, moment: datetime) -> datetime:
    """The first moment from ``moment`` on that is outside the person's quiet hours."""
    start, end = preference.quiet_from, preference.quiet_until
    if start is None or end is None:
        return moment
    return after_quiet(moment, ZoneInfo(preference.zone), start, end)
