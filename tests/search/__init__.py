"""Search: the language of queries, the file, searches beside a brute-force oracle, all of it over sockets."""
