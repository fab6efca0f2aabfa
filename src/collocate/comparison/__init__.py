"""Which framework: measured, for one problem on this machine, or at once, from a table of facts.

Imports nothing, since `collocate choose` is instant.
"""
