"""What leaves the program for production."""
