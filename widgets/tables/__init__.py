"""What the tables with one row a label have in common: order, current label, header, filter, columns in sight."""
