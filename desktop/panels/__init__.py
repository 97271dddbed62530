"""One dock a file; a panel knows the document."""
