"""Candidate retrieval: the request path, its sources, the vector index, the towers and the offline path."""
