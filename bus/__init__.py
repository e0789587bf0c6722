"""What is said between hosts, and where is it kept?"""

__version__ = "0.1.0"
