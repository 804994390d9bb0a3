"""The images to choose from: query, filters, sorting, queues, and 100,000 thumbnails to select among."""

from widgets.gallery.panel import Gallery as Gallery
from widgets.gallery.view import GalleryView as GalleryView
