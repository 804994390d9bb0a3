"""Scripts that repeat what the README claims; each prints its table."""
