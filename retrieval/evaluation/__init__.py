"""How good candidates are: metrics over full rankings, and the protocols that produce them."""
