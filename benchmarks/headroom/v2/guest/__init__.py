"""What runs inside the virtual machine; nothing but the standard library, which Debian's has."""
