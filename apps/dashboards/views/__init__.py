"""Pages over many projects, and the first page of each."""

from apps.dashboards.views.portfolio import PortfolioPage
from apps.dashboards.views.project import ProjectPage

__all__ = ["PortfolioPage", "ProjectPage"]
