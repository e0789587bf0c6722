"""How does a person speak to our programs, and they to a person?"""
