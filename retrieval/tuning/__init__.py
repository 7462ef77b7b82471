"""Learning a mix: what each source says is recorded once, then thousands of weightings are judged without asking
again."""
