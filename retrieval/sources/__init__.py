"""One file each. Creating the file makes a source exist; naming it in a mix makes it served."""
