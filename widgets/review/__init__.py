"""The review band: two thresholds a label, and the work between them."""

from widgets.review.panel import ReviewBandPanel as ReviewBandPanel
