"""Icons and the demo. Nothing of app, widgets or inference imports this package."""
