"""The HTTP side-app and the documents that it serves.

Reading order: server, health, contract, asyncapi, typescript, documents.
"""
