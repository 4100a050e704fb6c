"""The record store and its full-text search, beside the hub: nothing here waits for it, or it for this.

Reading order: query (what a person types, as an expression), schema (the file), spans (when each record
was and whose it is, in memory), seeking (one search), snippets; taking (one put); file (the connections),
running (how a search is stopped), index (threads, budgets, channels, what is wrong with the file); frames,
__main__ (the index's own process), process (the server's end of it), names, search (what the server sees).
"""
