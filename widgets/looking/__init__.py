"""Looking inside: the heat map over the picture, and what edits of a picture do to its scores."""
