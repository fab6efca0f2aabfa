"""Frameworks compared: what each can do, and what each takes. Imports nothing, since `collocate choose` is instant."""
