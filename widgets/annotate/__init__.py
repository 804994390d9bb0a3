"""Annotating: what people say about the image in hand, label by label."""

from widgets.annotate.panel import AnnotatePanel as AnnotatePanel
