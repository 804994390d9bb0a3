"""How heat maps are made: the part of a picture that a network saw, the layer to look at, Grad-CAM and occlusion."""
