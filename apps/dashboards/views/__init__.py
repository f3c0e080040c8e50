"""Pages over many projects, and the first page of each."""

from apps.dashboards.views.changes import Changes, ProjectChanges
from apps.dashboards.views.portfolio import Decisions, PortfolioCsv, PortfolioPage
from apps.dashboards.views.project import ProjectPage

__all__ = ["Changes", "Decisions", "PortfolioCsv", "PortfolioPage", "ProjectChanges", "ProjectPage"]
