"""The grant position and follow the pound: budget to hand, and back."""
