"""Data in and out by hand: imports with a preview, exports, partitions, and erasing a person."""
