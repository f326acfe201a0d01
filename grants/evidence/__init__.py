"""Evidence: the order, delivery note, invoice, payment or consent as a file, beside the record that it proves."""
