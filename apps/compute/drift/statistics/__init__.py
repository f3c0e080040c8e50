"""The drift tests, one module each; importing this package registers them."""
