"""Who supplies goods and services, and who gives them."""
