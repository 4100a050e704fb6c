"""The HTTP side-app and the documents that it hands out.

Reading order: server, health, contract, asyncapi, typescript, documents.
"""
