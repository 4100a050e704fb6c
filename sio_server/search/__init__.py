"""Full-text search over records, beside the hub: neither waits for the other (decision 23).

Reading order: query (what a person types, parsed), schema (the file's tables), time_index (time and source
of each record, in memory), store (what an engine answers), matching (one search), snippets, answer (a whole
request); ingest (one put); file (the connections), places, cancellation, index (threads, time budgets,
channels, faults of the store); frames, __main__ (the index's process), requests (what it is asked), process
(the server's end of it), board_index (of another board), names (S1, S2, ...), search (what the server sees).
"""
