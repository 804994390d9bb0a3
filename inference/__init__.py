"""Everything that works without a screen: models, data, evaluation. Imports nothing of app or widgets, and no Qt."""
