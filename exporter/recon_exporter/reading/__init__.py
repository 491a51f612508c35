"""What adapters share: files read on from an offset, files replaced whole, tables by their header."""
