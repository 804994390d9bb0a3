"""What the dialogs for importing and exporting annotations are made of."""
