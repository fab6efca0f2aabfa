"""The command `collocate`: one file per subject, each imported only by the command that needs it."""
