"""The web server: granian's processes, under a first process that listens for them, waits for them and watches them."""
