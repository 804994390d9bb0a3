"""Dialogs: plain values in, plain values out; what they ask for of the disk is a signal."""
