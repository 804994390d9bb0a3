"""One concern each: they decide, change the session, and tell the widgets through signals."""
