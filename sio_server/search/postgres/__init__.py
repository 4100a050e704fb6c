"""Records and search on PostgreSQL (decision 111).

Reading order: tables (what is stored), lexemes (our tokens in its index), session; texts, statistics, labels,
rows and vocabulary (what a search asks), feed (what others stored, into memory), ingest, people, store.
"""
