"""The caches: quicker, never wrong."""
