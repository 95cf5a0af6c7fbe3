"""Lead files: reading them row by row, and an honest account of every row. Pure: bytes come in, leads go out."""
