"""What people type: typed commands from the line to the state, in the test's own process.

Reading order: board (the items that every line is about, and the notation for what became of them), lines
(the table) with test_lines, test_times, test_guard, test_steps (plan, then do), test_undo,
test_undo_conflicts, test_history, test_suggest; test_migration; then over real sockets test_kill.
"""
