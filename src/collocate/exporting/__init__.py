"""A trained solution as one graph of plain operations, written for every target and proven equal to itself."""
