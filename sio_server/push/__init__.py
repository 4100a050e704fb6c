"""Notices: decides who is told what, tells open pages, and sends to closed ones by Web Push (decision 104).

Reading order: notices (who is told what, once), delivery (from the profile to the push service), service (one
message: encrypted, signed, sent), keys (the server's own key).
"""
