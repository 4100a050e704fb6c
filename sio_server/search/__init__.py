"""The record store and its full-text search, beside the hub: nothing here waits for it, or it for this.

Reading order: query (what a person types, as an expression), schema (the file), spans (when each record
was and whose it is, in memory), seeking (one search), snippets; taking (one put); file (the connections),
running (how a search is stopped), search (what the event loop sees: queues, budgets, channels, what is wrong
with the file).
"""
