"""Writers of other formats, one folder each."""
