"""What the tables with one row a label share: order, current label, header, filter, columns that stay in sight."""
