"""How does a person tell an agent what to do?"""
