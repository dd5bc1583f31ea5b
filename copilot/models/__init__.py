"""Model servers behind one small interface."""
