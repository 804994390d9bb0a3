"""A folder that nobody annotated: what would be predicted there, and whether it is of the usual kind."""

from widgets.fresh.panel import FreshPanel as FreshPanel
