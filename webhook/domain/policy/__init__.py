"""What the administrator decides, and what a Pod may ask for."""
