"""The words and sentences of what people write."""
