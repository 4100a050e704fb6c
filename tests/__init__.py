"""Promises, each shown on the running server with the real clients."""
