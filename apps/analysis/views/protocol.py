"""Named protocols: choosing one, asking it, and its answer."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from apps.analysis.kinds import protocol as kind
from apps.analysis.protocol_form import ProtocolForm
from apps.analysis.protocol_metrics import kept_metrics
from apps.analysis.registry import Params
from apps.analysis.views.base import AnswerPage, AskPage
from apps.common.charts import number_rows
from apps.common.formats import interval, number, quantity
from apps.common.translate import translate
from apps.compute.figures.protocols import figures_of_protocol, measures, worst_group
from apps.compute.metrics.registry import METRICS
from apps.compute.protocols import PROTOCOLS, Protocol, ProtocolResult
from apps.evaluations.report import rows_of
from apps.projects.access import Action, require


class AskProtocol(AskPage):
    """``?protocol=`` names the protocol; without it, or with an unknown one, all are listed."""

    kind = kind.KEY
    form_class = ProtocolForm

    @cached_property
    def protocol(self) -> Protocol | None:
        return PROTOCOLS.get(self.request.GET.get("protocol", ""))

    def get_template_names(self) -> list[str]:
        return ["analysis/ask_protocol.html" if self.protocol else "analysis/protocols.html"]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "protocol": self.protocol}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.protocol is None:
            self.require_result()
            return super().get_context_data(form=None, families=_families(), **kwargs)
        return super().get_context_data(protocol=self.protocol, metrics=_metrics(self.protocol), **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        require(self.person, Action.UPLOAD, self.project)
        if self.protocol is None:
            return self.render_to_response(self.get_context_data(), status=422)
        return super().post(request, *args, **kwargs)

    def params(self, form: forms.Form) -> Params:
        assert isinstance(form, ProtocolForm)  # noqa: S101  the class of this page
        return {"protocol": form.protocol.key, **form.parts()}


def _families() -> dict[str, list[Protocol]]:
    found: dict[str, list[Protocol]] = {}
    for protocol in PROTOCOLS.values():
        found.setdefault(protocol.family, []).append(protocol)
    return found


def _metrics(protocol: Protocol) -> list[Any]:
    return [METRICS[key] for key in protocol.metrics]


class ProtocolAnswer(AnswerPage):
    kind = kind.KEY
    answer_template = "analysis/protocol.html"

    def answer(self, result: dict[str, Any]) -> dict[str, Any]:
        found = ProtocolResult.from_json(result)
        protocol = PROTOCOLS[found.protocol]
        return {
            "found": found,
            "protocol": protocol,
            "lead": _lead(found, protocol),
            "rows": rows_of(found.metrics),
            "figures": figures_of_protocol(found),
            "measures": _measures(found),
            "settings": _settings(found, protocol),
            "named": _named(found, self.run),
        }


def _lead(found: ProtocolResult, protocol: Protocol) -> list[str]:
    main = found.metric(protocol.main)
    unit, label = METRICS[main.key].unit, _(METRICS[main.key].label)
    if main.value is None:
        why = translate(main.undefined) if main.undefined else ""
        return [_("%(metric)s is not defined here.") % {"metric": label}, why]
    said = [
        _("%(metric)s: %(value)s.")
        if main.low is None
        else _("%(metric)s: %(value)s (%(interval)s at 95%%).")
    ]
    said[0] %= {
        "metric": label,
        "value": quantity(main.value, unit, main.low, main.high),
        "interval": interval(main.low, main.high, unit, main.value),
    }
    worst = worst_group(found)
    if worst is not None:
        said.append(
            _("The worst group is “%(group)s”: %(number)s %(value)s over %(rows)s rows.")
            % {
                "group": worst.name,
                "number": _(worst.label).lower(),
                "value": quantity(worst.value, worst.unit, worst.low, worst.high),
                "rows": number(worst.n, 0),
            }
        )
    return said


def _measures(found: ProtocolResult) -> dict[str, Any] | None:
    numbers = measures(found)
    if numbers is None:
        return None
    rows = [[name.replace("_", " "), *cells] for name, *cells in number_rows(numbers)]
    return {"headings": numbers.headings, "rows": rows}


def _settings(found: ProtocolResult, protocol: Protocol) -> list[tuple[str, str]]:
    """Each setting with its value, long lists counted."""
    said = []
    for part in protocol.parts:
        value = found.params.get(part.key)
        if value in (None, "", []):
            continue
        if isinstance(value, list):
            shown = ", ".join(value[:12])
            text = f"{shown}, … ({number(len(value), 0)})" if len(value) > 12 else shown
        else:
            text = f"{value:g}" if isinstance(value, float) else str(value)
        said.append((_(part.label), text))
    return said


def _named(found: ProtocolResult, run: Any) -> list[dict[str, Any]]:
    """Metrics that a requirement can name, and by which column and value."""
    return [
        {
            "metric": METRICS[kept.result.key],
            "column": kept.column,
            "value": kept.value,
            "always": kind.measures(kept.result.key, kept.column, kept.value) is not None,
        }
        for kept in kept_metrics(found, run)
        if METRICS[kept.result.key].by_analysis
    ]
