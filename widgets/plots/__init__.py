"""The pictures of one label, and of labels together, that stand in tabs beside the precision-recall curve."""
