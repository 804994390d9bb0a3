"""Tests of inference.models."""
