"""What can be computed again and is kept to be quicker: limited in size, checked when read, dropped when damaged."""

from inference.data.caches.logits import LogitCache, LogitTable
from inference.data.caches.thumbnails import ThumbnailCache

__all__ = ["LogitCache", "LogitTable", "ThumbnailCache"]
