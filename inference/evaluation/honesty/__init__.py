"""What a number from one folder says of other images: intervals, out-of-fold estimates, promises that hold."""
