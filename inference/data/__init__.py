"""Decoding images and reading datasets, one module a label format."""
