"""Model cards, weights, preprocessing and the engine that scores images."""
