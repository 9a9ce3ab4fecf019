"""The bench: the same gallery on the host, in containers and in a VM, and what each costs."""
