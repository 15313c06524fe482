"""The product's tests; they mirror the folders of the code."""
