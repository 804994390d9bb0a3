"""Runs models that are programs in a process of their own.

`network.ChildNetwork` is what the rest of the program sees; `process` starts the child and speaks to it; ``__main__``
is the child. Messages are small and go through pipes (`protocol`); tensors lie in files without a name that both have
open.
"""
